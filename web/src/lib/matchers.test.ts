import { describe, expect, it } from 'vitest';
import type { Alert } from '../api/shapes';
import { faultOf, labelsOf, matchAll, matchersText, readMatchers, saysNothing, type Kind, type Matcher } from './matchers';

const m = (label: string, kind: Kind, value: string): Matcher => ({ label, kind, value });

describe('matchers', () => {
  it('are written as the node reads them, and read as it writes them', () => {
    const matchers = [m('peer', '=', 'birch'), m('rule', '=~', 'suricata:\\d+'), m('object', '!=', 'a "b", c\\\n')];
    const text = matchersText(matchers);
    expect(text).toBe('{peer="birch",rule=~"suricata:\\\\d+",object!="a \\"b\\", c\\\\\\n"}');
    expect(readMatchers(text)).toEqual(matchers);
    expect(readMatchers('peer="birch", rule!~"x"')).toEqual([m('peer', '=', 'birch'), m('rule', '!~', 'x')]);
  });
  it.each(['', '{}', 'peer=birch', '{peer="birch"', '{peer="a"}x', '{peer="a" rule="b"}'])('are not read out of %s', (text) => expect(readMatchers(text)).toBeNull());
  it('have to hold all, and for the whole value', () => {
    const labels = { peer: 'birch', rule: 'behaviour:port-scan' };
    expect(matchAll([m('peer', '=', 'birch'), m('rule', '=~', 'behaviour:.*')], labels)).toBe(true);
    expect(matchAll([m('peer', '=', 'birch'), m('rule', '=~', 'behaviour')], labels)).toBe(false);
    expect(matchAll([m('peer', '=~', 'a|birch')], labels)).toBe(true);
    expect(matchAll([m('peer', '=~', 'a|birc')], labels)).toBe(false);
    expect(matchAll([m('team', '=', ''), m('team', '!=', 'x'), m('team', '!~', '.+')], labels)).toBe(true);
  });
  it('tell what is no expression', () => {
    expect(faultOf(m('a', '=~', '('))).not.toBe('');
    expect(faultOf(m('a', '=', '('))).toBe('');
  });
  it('that match everything say nothing', () => {
    expect(saysNothing([m('peer', '=~', '.*'), m('rule', '!=', 'x')])).toBe(true);
    expect(saysNothing([m('peer', '=~', '.*'), m('rule', '=', 'x')])).toBe(false);
  });
});

it('knows the labels of an alert as the node tells it', () => {
  const alert = { rule: 'behaviour:port-scan', subject: '100.64.0.2', subject_name: 'birch', object: '100.64.0.1', technique: 'T1046' } as Alert;
  expect(labelsOf(alert, 'amber')).toEqual({
    alertname: 'port-scan', rule: 'behaviour:port-scan', node: 'amber', subject: '100.64.0.2', peer: 'birch', object: '100.64.0.1', technique: 'T1046',
  });
  expect(labelsOf({ ...alert, rule: 'suricata:9' }, 'amber').alertname).toBe('suricata:9');
});
