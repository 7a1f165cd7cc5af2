// Flows as people read them, and what they add up to.

import type { Flow } from '../api/shapes';

/** "tcp 443", "icmp". */
export function serviceText(flow: Flow): string {
  return flow.to_port === 0 ? flow.protocol : `${flow.protocol} ${flow.to_port}`;
}

export function endText(name: string, address: string): string {
  return name || address;
}

export function bytesOf(flow: Flow): number {
  return flow.bytes_there + flow.bytes_back;
}

/** What a search looks at. */
export function flowFields(flow: Flow): string[] {
  return [
    flow.peer, flow.from, flow.from_name, flow.to, flow.to_name, serviceText(flow), String(flow.from_port), flow.application, flow.name, flow.state, flow.direction,
    flow.policy === 'denied' ? 'denied' : '',
  ];
}

export interface Share {
  name: string;
  bytes: number;
  flows: number;
}

export type Grouping = 'application' | 'peer' | 'service';

/** Those with the most traffic first; the rest together as "others". */
export function sharesOf(flows: Flow[], by: Grouping, count: number): Share[] {
  const groups = new Map<string, Share>();
  for (const flow of flows) {
    const name = { application: flow.application || 'not recognised', peer: flow.peer || 'this node alone', service: serviceText(flow) }[by];
    const group = groups.get(name) ?? { name, bytes: 0, flows: 0 };
    group.bytes += bytesOf(flow);
    group.flows += 1;
    groups.set(name, group);
  }
  const all = [...groups.values()].sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
  const rest = all.slice(count);
  if (rest.length === 0) return all;
  return [...all.slice(0, count), { name: `${rest.length} others`, bytes: sum(rest, 'bytes'), flows: sum(rest, 'flows') }];
}

function sum(of: Share[], field: 'bytes' | 'flows'): number {
  return of.reduce((total, each) => total + each[field], 0);
}
