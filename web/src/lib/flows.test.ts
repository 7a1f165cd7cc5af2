import { describe, expect, it } from 'vitest';
import type { Flow } from '../api/shapes';
import { bytesOf, flowFields, serviceText, sharesOf } from './flows';

const flow = (more: Partial<Flow> = {}): Flow => ({
  number: 1, peer: 'birch', direction: 'in', protocol: 'tcp', from: '100.64.0.2', from_name: 'birch', from_port: 40000, to: '100.64.0.1', to_name: 'amber', to_port: 443,
  state: 'open', application: 'tls', name: 'db.example.org', packets_there: 1, packets_back: 1, bytes_there: 100, bytes_back: 900, counts_are_all: true, seen_by: 'watcher',
  since: '2026-11-29T00:00:00Z', last: '2026-11-29T00:00:01Z', policy: 'allowed', grant_line: 3, ...more,
});

it('says what a flow is for', () => {
  expect(serviceText(flow())).toBe('tcp 443');
  expect(serviceText(flow({ protocol: 'icmp', to_port: 0 }))).toBe('icmp');
  expect(bytesOf(flow())).toBe(1000);
  expect(flowFields(flow({ policy: 'denied' }))).toEqual(expect.arrayContaining(['birch', 'amber', 'tcp 443', 'tls', 'db.example.org', 'denied']));
});

describe('sharesOf', () => {
  const flows = [flow(), flow({ application: '', bytes_back: 0 }), flow({ application: 'dns', bytes_back: 5 }), flow({ application: 'dns', bytes_back: 5 })];
  it('adds up, the most first', () => {
    expect(sharesOf(flows, 'application', 5)).toEqual([
      { name: 'tls', bytes: 1000, flows: 1 }, { name: 'dns', bytes: 210, flows: 2 }, { name: 'not recognised', bytes: 100, flows: 1 },
    ]);
  });
  it('puts the rest together, and loses nothing', () => {
    const shares = sharesOf(flows, 'application', 1);
    expect(shares.map((each) => each.name)).toEqual(['tls', '2 others']);
    expect(shares.reduce((total, each) => total + each.bytes, 0)).toBe(1310);
  });
  it('has nothing of nothing', () => expect(sharesOf([], 'peer', 3)).toEqual([]));
});
