// Which alerts a silence is about, in Alertmanager's language as the node has it: {peer="birch",rule=~"suricata:.*"}. Every
// one has to hold; an expression has to match the whole value; a label that is absent is empty. The node decides: this is
// so that a person sees what it would decide.

import type { Alert } from '../api/shapes';

export const kKinds = ['=', '!=', '=~', '!~'] as const;
export type Kind = (typeof kKinds)[number];

export interface Matcher {
  label: string;
  kind: Kind;
  value: string;
}

export const kKindWords: Record<Kind, string> = { '=': 'is', '!=': 'is not', '=~': 'is like', '!~': 'is not like' };

/** Labels of alerts that the node raises; those that come from elsewhere may have others. */
export const kLabels: [label: string, what: string][] = [
  ['peer', 'member'], ['rule', 'rule'], ['alertname', 'name'], ['subject', 'address'], ['object', 'against'], ['technique', 'technique'], ['node', 'node'],
];

export function labelsOf(alert: Alert, node: string): Record<string, string> {
  return {
    alertname: alert.rule.replace(/^behaviour:/, ''), rule: alert.rule, node, subject: alert.subject, peer: alert.subject_name, object: alert.object,
    technique: alert.technique,
  };
}

export function matchersText(matchers: Matcher[]): string {
  const quoted = (value: string) => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
  return `{${matchers.map((each) => `${each.label}${each.kind}${quoted(each.value)}`).join(',')}}`;
}

/** Of the text that a node writes; null where it is another. */
export function readMatchers(text: string): Matcher[] | null {
  const one = /\s*([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"\s*(,|$)/y;
  const inside = text.trim().replace(/^\{([\s\S]*)\}$/, '$1');
  const found: Matcher[] = [];
  while (one.lastIndex < inside.length) {
    const next = one.exec(inside);
    if (!next) return null;
    found.push({ label: next[1]!, kind: next[2] as Kind, value: next[3]!.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter)) });
    if (next[4] === '') break;
  }
  return found.length > 0 ? found : null;
}

/** What is wrong with one; empty: nothing. */
export function faultOf({ kind, value }: Matcher): string {
  if (kind === '=' || kind === '!=') return '';
  try {
    whole(value);
    return '';
  } catch {
    return 'This is no regular expression.';
  }
}

/** Whether it would let everything through: the node refuses a silence of such alone. */
export function saysNothing(matchers: Matcher[]): boolean {
  return matchers.every((each) => faultOf(each) === '' && holds(each, {}));
}

export function matchAll(matchers: Matcher[], labels: Record<string, string>): boolean {
  return matchers.every((each) => holds(each, labels));
}

function holds({ label, kind, value }: Matcher, labels: Record<string, string>): boolean {
  const has = labels[label] ?? '';
  switch (kind) {
    case '=':
      return has === value;
    case '!=':
      return has !== value;
    case '=~':
      return whole(value).test(has);
    case '!~':
      return !whole(value).test(has);
  }
}

function whole(expression: string): RegExp {
  return new RegExp(`^(?:${expression})$`, 's');
}
