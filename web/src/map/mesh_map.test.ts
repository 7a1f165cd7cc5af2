import { describe, expect, it } from 'vitest';
import type { Action, Alert, Peer } from '../api/shapes';
import { mapOf, nearest, nextTowards, sayNode, searchFields, underName } from './mesh_map';

const peer = (name: string, more: Partial<Peer> = {}): Peer => ({
  name, addresses: [`address of ${name}`], path: 'direct', endpoint: null, rtt_ms: 2, neighbour: true, state: 'alive', loss: 0,
  post_quantum: { established: true, since: null }, sent_bytes: 0, received_bytes: 0, ...more,
});
const alert = (more: Partial<Alert>) => ({ number: 1, state: 'firing', risk_tenths: 73, subject: '', subject_name: '', assessment: '', ...more }) as Alert;
const judged =
  'risk 7.3 (P2) = 1 + 9 x 0.93 x 0.72: confidence 0.93; severity 6.5 of 10, to the power 0.75 as 50 % of what matters is within reach\n' +
  'within reach: 12 peers, 3 prefixes\n';
const none = { established: false, since: null };

describe('mapOf', () => {
  it('gives each kind of peer a look of its own', () => {
    const map = mapOf(
      [
        peer('a'), peer('b', { post_quantum: none }), peer('c', { imported: true }), peer('d', { path: 'none', neighbour: false, post_quantum: none }),
        peer('e', { path: 'none', state: 'dead', neighbour: false, post_quantum: none }),
      ],
      [], [],
    );
    expect(map.nodes.map((each) => each.look)).toEqual(['safe', 'open', 'stock', 'idle', 'gone']);
  });
  it('draws the worst open alert of each, by name or by address, with its blast radius', () => {
    const alerts = [
      alert({ subject_name: 'a', risk_tenths: 30 }), alert({ subject_name: 'a', risk_tenths: 73, assessment: judged }), alert({ subject_name: 'a', risk_tenths: 99, state: 'resolved' }),
      alert({ subject: 'address of b', risk_tenths: 40 }),
    ];
    const [a, b, c] = mapOf([peer('a'), peer('b'), peer('c')], alerts, []).nodes;
    expect(a).toMatchObject({ risk: 73, reach: 0.5, within: '12 peers, 3 prefixes' });
    expect(b).toMatchObject({ risk: 40, reach: 0, subject: 'address of b' });
    expect(c!.risk).toBe(0);
  });
  it('marks who is blocked, and by whom others are relayed', () => {
    const block = (address: string, more: Partial<Action> = {}) => ({ executor: 'firewall', state: 'active', address, ...more }) as Action;
    const map = mapOf(
      [peer('a'), peer('b', { path: 'relay', relays: ['a'] }), peer('c', { path: 'relay', relays: ['nobody'] })],
      [], [block('address of a'), block('address of b', { state: 'proposed' }), block('address of c', { executor: 'rate-limit' })],
    );
    expect(map.nodes.map((each) => each.isBlocked)).toEqual([true, false, false]);
    expect(map.nodes.map((each) => each.relay)).toEqual([-1, 0, -1]);
  });
});

describe('a node', () => {
  const [node] = mapOf([peer('a', { path: 'relay', relays: ['b'], loss: 0.034 }), peer('b')], [alert({ subject_name: 'a', assessment: judged })], []).nodes;
  it('is said in one sentence', () => {
    expect(underName(node!)).toBe('risk 7.3, reach 50 %, 3.4 % lost');
    expect(sayNode(node!)).toBe('a: risk 7.3, reach 50 %, 3.4 % lost, relayed by b, post-quantum keys');
  });
  it('without a link says so, once', () => {
    const [gone] = mapOf([peer('e', { path: 'none', state: 'dead', rtt_ms: null, post_quantum: none })], [], []).nodes;
    expect(sayNode(gone!)).toBe('e: cannot be reached');
  });
  it('is found by what it is', () => expect(searchFields(node!)).toEqual(expect.arrayContaining(['a', 'relayed b', 'attack', 'post-quantum keys'])));
});

describe('moving about', () => {
  const map = mapOf(['a', 'b', 'c', 'd'].map((name) => peer(name)), [], []);
  it('goes to the next in a direction, and nowhere where there is none', () => {
    const right = nextTowards(map, { x: 0, y: 0 }, 1, 0);
    expect(map.nodes[right]!.x).toBeGreaterThan(0);
    expect(nextTowards(map, { x: 1e6, y: 0 }, 1, 0)).toBe(-1);
  });
  it('finds what is under the pointer', () => {
    const { x, y } = map.nodes[2]!;
    expect(nearest(map, x + 3, y, 5)).toBe(2);
    expect(nearest(map, x + 1_000, y, 5)).toBe(-1);
  });
});
