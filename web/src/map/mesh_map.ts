// What the picture of the mesh shows, as values: of each peer where it stands, by which way and with which keys it is
// reached, and what is known against it.

import type { Action, Alert, Peer } from '../api/shapes';
import { readAssessment } from '../lib/assessment';
import { riskText, rttText } from '../lib/format';
import { isAway, isImported } from '../lib/state';
import { placeAll } from './layout';

export type Look = 'safe' | 'open' | 'stock' | 'idle' | 'gone';

export interface MapNode {
  peer: Peer;
  look: Look;
  x: number;
  y: number;
  /** The node that relays for it; -1: none. */
  relay: number;
  /** Of the worst open alert, in tenths; 0: none. */
  risk: number;
  /** How much of what matters is within its reach, 0 to 1: the blast radius of its worst open alert. */
  reach: number;
  within: string;
  /** Whom that alert is about, as the page of threats has it. */
  subject: string;
  isBlocked: boolean;
  loss: number;
}

export interface MeshMap {
  nodes: MapNode[];
  indexOf: Map<string, number>;
  scale: number;
  radius: number;
}

/** A peer with loss below this shows none. */
export const kLossShown = 0.01;

export function mapOf(peers: Peer[], alerts: Alert[], actions: Action[]): MeshMap {
  const indexOf = new Map(peers.map((each, index) => [each.name, index]));
  const relayOf = (peer: Peer) => (peer.path === 'relay' ? (peer.relays?.[0] ?? '') : '');
  const layout = placeAll(
    peers.map((each) => ({ name: each.name, rtt_ms: each.rtt_ms, isReached: each.path !== 'none', relay: relayOf(each) })),
  );
  const worst = worstAlerts(alerts);
  const blocked = blockedAddresses(actions);
  const nodes = peers.map((peer, index): MapNode => {
    const alert = worst.get(peer.name) ?? peer.addresses.map((each) => worst.get(each)).find((each) => each !== undefined);
    const judged = alert ? readAssessment(alert.assessment) : null;
    return {
      peer,
      look: lookOf(peer),
      x: layout.places[2 * index]!,
      y: layout.places[2 * index + 1]!,
      relay: indexOf.get(relayOf(peer)) ?? -1,
      risk: alert?.risk_tenths ?? 0,
      reach: judged?.reach ?? 0,
      within: judged?.within ?? '',
      subject: alert?.subject ?? '',
      isBlocked: peer.addresses.some((each) => blocked.has(each)),
      loss: peer.path === 'none' ? 0 : (peer.loss ?? 0),
    };
  });
  return { nodes, indexOf, scale: layout.scale, radius: layout.radius };
}

function lookOf(peer: Peer): Look {
  if (isImported(peer)) return 'stock';
  if (peer.path === 'none') return isAway(peer) ? 'gone' : 'idle';
  return peer.post_quantum.established ? 'safe' : 'open';
}

// By name and by address: an alert names its subject by both where it knows them.
function worstAlerts(alerts: Alert[]): Map<string, Alert> {
  const worst = new Map<string, Alert>();
  for (const alert of alerts) {
    if (alert.state === 'resolved') continue;
    for (const key of [alert.subject, alert.subject_name]) {
      const known = worst.get(key);
      if (key && (!known || known.risk_tenths < alert.risk_tenths)) worst.set(key, alert);
    }
  }
  return worst;
}

function blockedAddresses(actions: Action[]): Set<string> {
  const inForce = actions.filter((each) => (each.executor === 'firewall' || each.executor === 'isolation') && each.state === 'active');
  return new Set(inForce.map((each) => each.address));
}

const kKeys: Record<Look, string> = {
  safe: 'post-quantum keys',
  open: 'no post-quantum keys yet',
  stock: 'stock WireGuard',
  idle: 'no link open',
  gone: 'cannot be reached',
};

/** What is written below a name. */
export function underName(node: MapNode): string {
  const state = node.peer.path === 'none' ? kKeys[node.look] : rttText(node.peer.rtt_ms);
  const parts = [node.risk > 0 ? `risk ${riskText(node.risk)}` : state];
  if (node.risk > 0 && node.reach > 0) parts.push(`reach ${Math.round(100 * node.reach)} %`);
  if (node.loss >= kLossShown) parts.push(`${lossPercent(node.loss)} lost`);
  if (node.isBlocked) parts.push('blocked');
  return parts.join(', ');
}

/** All of it in one sentence, to be read aloud. */
export function sayNode(node: MapNode): string {
  const way = { direct: 'direct', relay: `relayed by ${node.peer.relays?.join(', ') ?? 'another'}`, tcp: 'over TCP', none: '' }[node.peer.path];
  const keys = node.peer.path === 'none' && node.risk === 0 ? '' : kKeys[node.look];
  return [`${node.peer.name}: ${underName(node)}`, way, keys].filter(Boolean).join(', ');
}

export function lossPercent(loss: number): string {
  return `${(100 * loss).toFixed(loss > 0 && loss < 0.1 ? 1 : 0)} %`;
}

/** What a search looks at: "relay", "blocked", "attack" and "no post-quantum" find what is so. */
export function searchFields(node: MapNode): string[] {
  const { peer } = node;
  return [
    peer.name, ...peer.addresses, peer.endpoint ?? '', peer.path === 'relay' ? `relayed ${peer.relays?.join(' ') ?? ''}` : peer.path, kKeys[node.look],
    node.isBlocked ? 'blocked' : '', node.risk > 0 ? 'attack' : '', node.loss >= kLossShown ? 'loss lost' : '',
  ];
}

/** The next one in a direction, as the arrow keys go; -1 where there is none. */
export function nextTowards(map: MeshMap, from: { x: number; y: number }, dx: number, dy: number): number {
  let best = -1;
  let least = Infinity;
  map.nodes.forEach((node, index) => {
    const [x, y] = [node.x - from.x, node.y - from.y];
    const along = x * dx + y * dy;
    const across = Math.abs(x * dy - y * dx);
    if (along <= 0.01 || across > along) return;
    const cost = along + 2 * across;
    if (cost < least) [best, least] = [index, cost];
  });
  return best;
}

/** The nearest within `reach`, in units of the layout; -1: none. */
export function nearest(map: MeshMap, x: number, y: number, reach: number): number {
  let best = -1;
  let least = reach * reach;
  map.nodes.forEach((node, index) => {
    const distance = (node.x - x) ** 2 + (node.y - y) ** 2;
    if (distance <= least) [best, least] = [index, distance];
  });
  return best;
}
