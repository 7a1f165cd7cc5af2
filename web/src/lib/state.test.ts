import { describe, expect, it } from 'vitest';
import type { Action, Alert, Defence, Peer } from '../api/shapes';
import { actionText, doneWord, needsYou, verdict, wrongNow } from './state';

const alert = (more: Partial<Alert> = {}): Alert => ({
  number: 1, state: 'firing', priority: 'P2', risk_tenths: 73, confidence: 0.98, rule: 'behaviour:port-scan', text: 'it tried ports',
  subject: '100.64.0.2', subject_name: 'birch', object: '100.64.0.1', technique: 'T1046', feeds: [], count: 1,
  first: '2026-11-29T00:00:00Z', last: '2026-11-29T00:00:00Z', incident: 1, action: 0, measure: null, proposal: 0, proposed: null, assessment: '', trace_id: '', ...more,
});
const action = (more: Partial<Action> = {}): Action => ({
  number: 1, executor: 'firewall', target: '100.64.0.2', address: '100.64.0.2', state: 'active', until: null, remaining_s: 10,
  renews: false, depends_on: [], confirm_by: null, reason: 'alert 1', ...more,
});
const peer = (more: Partial<Peer> = {}): Peer => ({
  name: 'birch', addresses: [], path: 'direct', endpoint: null, rtt_ms: 1, post_quantum: { established: true, since: null },
  sent_bytes: 0, received_bytes: 0, ...more,
});
const defence = (mode: Defence['mode']) => ({ mode }) as Defence;

describe('wrongNow', () => {
  it('has open alerts, the worst first, and what was done', () => {
    const facts = wrongNow({ alerts: [alert(), alert({ number: 2, risk_tenths: 91, action: 4 }), alert({ number: 3, state: 'resolved' })] });
    expect(facts.map((each) => [each.key, each.tone, each.more])).toEqual([
      ['alert 2', 'critical', 'its packets are dropped'], ['alert 1', 'serious', 'nothing was done'],
    ]);
    expect(facts[1]!.text).toBe('Port scan by birch');
  });
  it('says by which measure was acted', () => {
    expect(wrongNow({ alerts: [alert({ action: 1, measure: 'rate-limit' })] })[0]!.more).toBe('its packets are limited');
    expect([null, 'isolation', 'of another time'].map(doneWord)).toEqual(['blocked', 'isolated', 'acted']);
  });
  it('has peers that are away or without post-quantum keys, but no stock ones', () => {
    const without = { established: false, since: null };
    const facts = wrongNow({
      peers: [peer(), peer({ name: 'a', path: 'none' }), peer({ name: 'b', post_quantum: without }), peer({ name: 'c', post_quantum: { ...without, policy: 'off' } })],
    });
    expect(facts.map((each) => each.text)).toEqual(['a cannot be reached', 'b has no post-quantum keys yet']);
  });
});

it('asks for no link where a large mesh keeps none', () => {
  const without = peer({ path: 'none', neighbour: false, state: 'alive', post_quantum: { established: false, since: null } });
  expect(wrongNow({ peers: [without] })).toEqual([]);
  expect(wrongNow({ peers: [{ ...without, state: 'dead' }] }).map((each) => each.text)).toEqual(['birch cannot be reached']);
  expect(wrongNow({ peers: [{ ...without, neighbour: true }] })).toHaveLength(1);
});

describe('needsYou', () => {
  it('asks for a word on what is proposed or has to be confirmed', () => {
    const facts = needsYou({ actions: [action({ state: 'proposed' }), action({ number: 2, confirm_by: '2026-11-29T00:00:00Z' }), action({ number: 3 })] });
    expect(facts.map((each) => each.act)).toEqual([{ kind: 'approve', number: 1 }, { kind: 'confirm', number: 2 }]);
  });
  it('asks to answer alerts that fire, and says that the defence is off', () => {
    const facts = needsYou({ alerts: [alert(), alert({ number: 2, state: 'acknowledged' })], defence: defence('off') });
    expect(facts.map((each) => each.key)).toEqual(['alert 1', 'defence']);
  });
  it('asks for nothing where nothing is known', () => expect(needsYou({})).toEqual([]));
});

describe('verdict', () => {
  it.each([
    [{}, 'good', 'All is quiet.'],
    [{ defence: defence('off') }, 'serious', 'Nothing is looked for: the defence is off.'],
    [{ peers: [peer({ path: 'none' })] }, 'warning', 'Nobody attacks, but not all is well.'],
    [{ alerts: [alert()] }, 'serious', 'One attacker, not stopped.'],
    [{ alerts: [alert({ action: 1 })] }, 'warning', 'One attacker, and stopped.'],
    [{ alerts: [alert({ action: 1, state: 'acknowledged' })] }, 'info', 'One attacker, and stopped.'],
    [{ alerts: [alert({ action: 1 }), alert({ number: 2 })] }, 'warning', 'One attacker, and stopped.'],
    [{ alerts: [alert({ action: 1 }), alert({ number: 2, subject: '100.64.0.3', risk_tenths: 91 })] }, 'critical', '2 attackers, 1 stopped.'],
  ] as const)('of %o is %s: %s', (known, tone, text) => {
    expect(verdict(known as Parameters<typeof verdict>[0])).toEqual({ tone, text });
  });
});

it('says what an action does, and to whom', () => {
  expect(actionText(action(), [peer({ addresses: ['100.64.0.2'] })])).toBe('Drop all packets of birch (100.64.0.2)');
  expect(actionText(action())).toBe('Drop all packets of 100.64.0.2');
  expect(actionText(action({ executor: 'rate-limit', target: 'birch', rate: 40 }))).toBe('Limit birch to 40/s');
});
