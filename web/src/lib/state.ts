// What the overview says: what is wrong now, and what waits for a person. Pure, so that it can be tested sentence by
// sentence.

import type { Action, Alert, Defence, Feeds, Node, Peer, PlaybookRuns } from '../api/shapes';
import { ruleText, riskTone, subjectText, type Tone } from './format';
import { linkTo } from './route';

export interface Known {
  node?: Node;
  peers?: Peer[];
  alerts?: Alert[];
  actions?: Action[];
  defence?: Defence;
  feeds?: Feeds;
  runs?: PlaybookRuns;
}

export interface Fact {
  key: string;
  tone: Tone;
  text: string;
  more: string;
  link: string;
  /** An action of the page, beside the link. */
  act?: { kind: 'acknowledge' | 'approve' | 'confirm'; number: number };
}

export function isImported(peer: Peer): boolean {
  return peer.imported === true || peer.post_quantum.policy === 'off';
}

/** A large mesh keeps links with a few: having none is nothing wrong, unless it should have, or nobody hears of the member. */
export function isAway(peer: Peer): boolean {
  return peer.path === 'none' && (peer.neighbour !== false || (peer.state ?? 'alive') !== 'alive');
}

export function firing(alerts: Alert[] | undefined): Alert[] {
  return (alerts ?? []).filter((each) => each.state === 'firing').sort((a, b) => b.risk_tenths - a.risk_tenths);
}

export function wrongNow(known: Known): Fact[] {
  const facts: Fact[] = (known.alerts ?? [])
    .filter((each) => each.state !== 'resolved')
    .sort((a, b) => b.risk_tenths - a.risk_tenths)
    .map((each) => ({
      key: `alert ${each.number}`,
      tone: riskTone(each.risk_tenths),
      text: `${ruleText(each.rule)} by ${subjectText(each)}`,
      more: each.action ? doneText(each.measure) : each.proposal ? 'a measure waits for a word' : each.state === 'acknowledged' ? 'somebody looks at it' : 'nothing was done',
      link: linkTo('alerts', each.number),
    }));
  for (const peer of known.peers ?? []) {
    if (isImported(peer)) continue;
    if (isAway(peer)) facts.push(ofPeer(peer, 'serious', 'cannot be reached', peer.state ?? ''));
    else if (peer.path !== 'none' && !peer.post_quantum.established) facts.push(ofPeer(peer, 'warning', 'has no post-quantum keys yet', ''));
  }
  for (const feed of known.feeds?.feeds ?? []) {
    if (feed.problem) facts.push({ key: `feed ${feed.name}`, tone: 'warning', text: `Feed ${feed.name} cannot be read`, more: feed.problem, link: linkTo('feeds') });
  }
  const carrier = known.node?.carrier;
  if (carrier?.problem && carrier.problem !== 'off') {
    facts.push({ key: 'carrier', tone: 'info', text: 'Members without UDP cannot be served', more: carrier.problem, link: linkTo('settings') });
  }
  return facts;
}

const kDone: Record<string, [what: string, word: string]> = {
  firewall: ['its packets are dropped', 'blocked'],
  isolation: ['it is isolated', 'isolated'],
  'rate-limit': ['its packets are limited', 'limited'],
  tunnel: ['its tunnel is closed', 'closed'],
  rekey: ['its keys are changed', 'new keys'],
  route: ['its route is changed', 'rerouted'],
  credential: ['its credentials are taken', 'put out'],
};

function doneText(measure: string | null): string {
  return kDone[measure ?? 'firewall']?.[0] ?? 'something was done';
}

/** One word for what an alert's action does. */
export function doneWord(measure: string | null): string {
  return kDone[measure ?? 'firewall']?.[1] ?? 'acted';
}

function ofPeer(peer: Peer, tone: Tone, what: string, more: string): Fact {
  return { key: `peer ${peer.name}`, tone, text: `${peer.name} ${what}`, more, link: linkTo('peers', peer.name) };
}

export function needsYou(known: Known): Fact[] {
  const facts: Fact[] = [];
  for (const action of known.actions ?? []) {
    if (action.number === null) continue;
    const what = actionText(action, known.peers);
    if (action.state === 'proposed') {
      facts.push({ key: `action ${action.number}`, tone: 'warning', text: `${what}?`, more: `proposed: ${action.reason}`, link: linkTo('actions'), act: { kind: 'approve', number: action.number } });
    } else if (action.confirm_by) {
      facts.push({ key: `action ${action.number}`, tone: 'warning', text: `${what}: does it stay?`, more: 'it is taken back unless somebody says so', link: linkTo('actions'), act: { kind: 'confirm', number: action.number } });
    }
  }
  for (const run of known.runs?.runs ?? []) {
    for (const step of run.waiting) {
      facts.push({ key: `run ${run.run} ${step.step}`, tone: 'warning', text: `Playbook ${run.name} waits for a person`, more: step.command, link: linkTo('incidents', run.incident) });
    }
  }
  for (const alert of firing(known.alerts)) {
    facts.push({ key: `alert ${alert.number}`, tone: riskTone(alert.risk_tenths), text: `${ruleText(alert.rule)} by ${subjectText(alert)}`, more: 'nobody has answered', link: linkTo('alerts', alert.number), act: { kind: 'acknowledge', number: alert.number } });
  }
  if (known.defence?.mode === 'off') {
    facts.push({ key: 'defence', tone: 'serious', text: 'Attacks are not looked for', more: 'the defence is switched off', link: linkTo('settings') });
  }
  return facts;
}

/** "birch (100.64.0.2)" of the address of a member; what it is where it is nobody's. */
export function namedTarget(target: string, peers: Peer[] | undefined): string {
  const peer = peers?.find((each) => each.addresses.includes(target));
  return peer ? `${peer.name} (${target})` : target;
}

const kDoes: Record<Action['executor'], (target: string, action: Action) => string> = {
  firewall: (target) => `Drop all packets of ${target}`,
  isolation: (target) => `Isolate ${target}`,
  'rate-limit': (target, action) => `Limit ${target}${action.rate ? ` to ${action.rate}/s` : ''}`,
  tunnel: (target) => `Close the tunnel to ${target}`,
  rekey: (target) => `New keys with ${target}`,
  route: (target) => `Change the route of ${target}`,
  credential: (target) => `Take the credentials of ${target}`,
};

export function actionText(action: Action, peers?: Peer[]): string {
  return kDoes[action.executor](namedTarget(action.target, peers), action);
}

export function isInForce(action: Action): boolean {
  return action.state !== 'proposed' && action.state !== null;
}

/** The one sentence at the top: of those who attack, not of what they did. */
export function verdict(known: Known): { tone: Tone; text: string } {
  const open = (known.alerts ?? []).filter((each) => each.state !== 'resolved');
  const attackers = new Set(open.map((each) => each.subject));
  const stopped = new Set(open.filter((each) => each.action !== 0).map((each) => each.subject));
  if (attackers.size === 0) {
    const others = wrongNow({ ...known, alerts: [] }).filter((each) => each.tone !== 'info');
    if (others.length > 0) return { tone: 'warning', text: 'Nobody attacks, but not all is well.' };
    if (known.defence?.mode === 'off') return { tone: 'serious', text: 'Nothing is looked for: the defence is off.' };
    return { tone: 'good', text: 'All is quiet.' };
  }
  const who = attackers.size === 1 ? 'One attacker' : `${attackers.size} attackers`;
  if (stopped.size === attackers.size) {
    return { tone: firing(known.alerts).length > 0 ? 'warning' : 'info', text: `${who}, and stopped.` };
  }
  const text = stopped.size === 0 ? `${who}, not stopped.` : `${who}, ${stopped.size} stopped.`;
  return { tone: riskTone(Math.max(...open.map((each) => each.risk_tenths))), text };
}
