import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Client, Problem } from './client';
import { newsOf, pauseAfter, retryPause, Store, type Source } from './store';

/** A node with one number, and a stream that the test writes into. */
class Node {
  value = 1;
  reads = 0;
  streams: { write(text: string): void; end(): void; lastId: string | null }[] = [];
  isAway = false;
  isStranger = false;

  readonly fetching: typeof fetch = async (url, init) => {
    const headers = init?.headers as Headers;
    if (this.isAway) throw new TypeError('refused');
    if (this.isStranger) return new Response('{}', { status: 401 });
    if (String(url).endsWith('/events')) return this.open(headers.get('Last-Event-ID'), init?.signal);
    this.reads += 1;
    const etag = `"${this.value}"`;
    if (headers.get('If-None-Match') === etag) return new Response(null, { status: 304 });
    return new Response(JSON.stringify({ value: this.value }), { headers: { ETag: etag } });
  };

  private open(lastId: string | null, signal?: AbortSignal | null): Response {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    signal?.addEventListener('abort', () => void writer.abort(signal.reason).catch(() => {}));
    this.streams.push({
      write: (text) => void writer.write(new TextEncoder().encode(text)),
      end: () => void writer.close(),
      lastId,
    });
    return new Response(readable);
  }
}

const source: Source<{ value: number }> = {
  key: '/value', topics: ['alert'], everyMs: 0, load: (client, etag) => client.get('/value', { etag }),
};
const event = (id: string, type: string) => `id: ${id}\nevent: ${type}\ndata: {"time":"2026-11-29T00:00:00Z","data":{"n":1}}\n\n`;

let node: Node;
let store: Store;
let signedOut: number;

beforeEach(() => {
  vi.useFakeTimers();
  node = new Node();
  signedOut = 0;
});
afterEach(() => {
  store.close();
  vi.useRealTimers();
});

function open(): void {
  store = new Store(new Client('word', node.fetching), () => (signedOut += 1));
}
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('Store', () => {
  it('reads once for all who look, and again after an event of its topic', async () => {
    open();
    const told = vi.fn();
    store.watch(source, told);
    store.watch(source, told);
    await pass(1_000);
    expect(store.view(source).value).toEqual({ value: 1 });
    expect(store.link).toBe('live');
    const before = node.reads;
    node.value = 2;
    node.streams[0]!.write(event('a-1', 'peer.changed'));
    await pass(1_000);
    expect(node.reads).toBe(before);
    node.streams[0]!.write(event('a-2', 'alert.raised') + event('a-3', 'alert.changed'));
    await pass(1_000);
    expect(node.reads).toBe(before + 1);
    expect(store.view(source).value).toEqual({ value: 2 });
    expect(store.news.map((each) => each.type)).toEqual(['alert.changed', 'alert.raised', 'peer.changed']);
  });

  it('does not read what nobody looks at, until somebody does', async () => {
    open();
    const leave = store.watch(source, () => {});
    await pass(1_000);
    leave();
    const before = node.reads;
    node.streams[0]!.write(event('a-1', 'alert.raised'));
    await pass(1_000);
    expect(node.reads).toBe(before);
    store.watch(source, () => {});
    await pass(0);
    expect(node.reads).toBe(before + 1);
  });

  it('goes on where the stream ended', async () => {
    open();
    await pass(10);
    node.streams[0]!.write(event('a-7', 'alert.raised'));
    await pass(10);
    node.streams[0]!.end();
    await pass(1_500);
    expect(node.streams[1]?.lastId).toBe('a-7');
  });

  it('reads everything again after a reset', async () => {
    open();
    store.watch(source, () => {});
    await pass(1_000);
    const before = node.reads;
    node.streams[0]!.write('id: b-0\nevent: reset\ndata: {}\n\n');
    await pass(1_000);
    expect(node.reads).toBe(before + 1);
  });

  it('keeps what it knew while the node is away, and says so', async () => {
    open();
    store.watch(source, () => {});
    await pass(1_000);
    node.isAway = true;
    node.streams[0]!.end();
    store.refresh();
    await pass(5_000);
    expect(store.link).toBe('offline');
    expect(store.view(source)).toMatchObject({ value: { value: 1 }, problem: { isOffline: true } });
    node.isAway = false;
    node.value = 3;
    await pass(20_000);
    expect(store.link).toBe('live');
    expect(store.view(source)).toMatchObject({ value: { value: 3 }, problem: null });
  });

  it('takes a stream that says nothing for dead', async () => {
    open();
    await pass(10);
    await pass(45_000);
    expect(node.streams.length).toBeGreaterThan(1);
  });

  it('ends where the token is none any more', async () => {
    node.isStranger = true;
    open();
    await pass(100);
    expect(signedOut).toBe(1);
  });
});

describe('pauses', () => {
  const after = (everyMs: number, problem: Problem | null, tookMs = 0) => pauseAfter({ source: { everyMs }, view: { problem }, tookMs });
  it('are the source\'s own while all is well', () => expect([after(0, null), after(5000, null)]).toEqual([0, 5000]));
  it('are longer after an answer that took long', () => expect([after(5000, null, 2000), after(0, null, 2000)]).toEqual([20_000, 0]));
  it('are the node\'s where it says so', () => expect(after(0, new Problem(429, {}, '7'))).toBe(7000));
  it('do not ask again for what is refused', () => expect(after(0, new Problem(403, {}))).toBe(0));
  it('ask again where nobody answered', () => {
    expect(after(0, new Problem(0, {}))).toBe(3000);
    expect(after(0, new Problem(503, {}))).toBe(3000);
  });
  it('of the stream double up to a bound', () => {
    expect([1, 2, 3, 9].map((failures) => retryPause(failures, null))).toEqual([1000, 2000, 4000, 15000]);
    expect(retryPause(1, 2000)).toBe(2000);
  });
});

it('takes only what is news', () => {
  expect(newsOf('a', 'alert.raised', '{"time":"2026","data":{"n":1}}')).toEqual({ id: 'a', type: 'alert.raised', time: '2026', data: { n: 1 } });
  expect(newsOf('a', 'x', '{}')).toBeNull();
  expect(newsOf('a', 'x', 'no JSON')).toBeNull();
});
