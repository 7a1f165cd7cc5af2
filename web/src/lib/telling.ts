// What the node says of telling people, where its answers leave the shape open.

import type { Delivery, Escalation, EscalationPolicy } from '../api/shapes';

/** Whom the next step of an escalation tells. */
export function levelText(of: Escalation, policies: EscalationPolicy[]): string {
  const level = policies.find((each) => each.name === of.policy)?.levels[of.next_level - 1];
  return targetsText(level?.targets ?? []) || of.receiver || 'whom the route tells';
}

/** "rota:ops" is whoever is on call there. */
export function targetsText(targets: string[]): string {
  return targets.map((each) => each.replace(/^rota:(.*)$/, 'on call in $1')).join(', ');
}

/** Why alerts.yml cannot be read; empty: it can. */
export function policyProblem(telling: unknown): string {
  return text(field(telling, 'config_problem'));
}

export function deadLettersOf(telling: unknown): Delivery[] {
  const found = field(telling, 'dead_letters_last');
  return Array.isArray(found) ? (found as Delivery[]) : [];
}

function field(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? (of as Record<string, unknown>)[name] : undefined;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
