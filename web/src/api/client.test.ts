import { describe, expect, it } from 'vitest';
import { Client, ownSession, Problem, signIn } from './client';

interface Asked {
  url: string;
  init: RequestInit;
}

function clientOf(answers: (Response | Error)[]): { client: Client; asked: Asked[]; fetching: typeof fetch } {
  const asked: Asked[] = [];
  let keys = 0;
  const fetching: typeof fetch = async (url, init) => {
    asked.push({ url: String(url), init: init ?? {} });
    const answer = answers.shift();
    if (!answer || answer instanceof Error) throw answer ?? new Error('asked too often');
    return answer;
  };
  const client = new Client('word', fetching, () => `key-${(keys += 1)}`);
  return { client, asked, fetching };
}

const json = (body: unknown, init: ResponseInit = {}) => new Response(JSON.stringify(body), init);
const header = (asked: Asked | undefined, name: string) => (asked?.init.headers as Headers).get(name);

describe('Client', () => {
  it('asks as whom the cookie says, and sends the word of the session with changes alone', async () => {
    const { client, asked } = clientOf([json({ a: 1 }, { headers: { ETag: '"7"' } }), json({})]);
    expect(await client.get('/version')).toEqual({ value: { a: 1 }, etag: '"7"' });
    expect(asked[0]?.url).toBe('/api/v1/version');
    expect(header(asked[0], 'Authorization')).toBeNull();
    expect(header(asked[0], 'X-CSRF-Token')).toBeNull();
    await client.change('DELETE', '/silences/1');
    expect(header(asked[1], 'X-CSRF-Token')).toBe('word');
  });

  it('takes the word of the session that another tab has opened', async () => {
    const stale = () => json({ type: '/api/v1/problems/no-csrf' }, { status: 403 });
    const { client, asked } = clientOf([stale(), json({ csrf: 'new' }), json({}), json({}), stale(), json({ csrf: 'x' }), stale()]);
    await client.change('POST', '/alerts/1/ack');
    expect(asked.map((each) => each.url)).toEqual(['/api/v1/alerts/1/ack', '/api/v1/sessions/self', '/api/v1/alerts/1/ack']);
    expect(header(asked[2], 'X-CSRF-Token')).toBe('new');
    await client.change('POST', '/alerts/2/ack');
    expect(header(asked[3], 'X-CSRF-Token')).toBe('new');
    await expect(client.change('POST', '/alerts/3/ack')).rejects.toMatchObject({ code: 'no-csrf' });
    expect(asked).toHaveLength(7);
  });

  it('exchanges a token for a session, in a header and not in the address', async () => {
    const { asked, fetching } = clientOf([json({ id: 's', csrf: 'w' }, { status: 201 })]);
    expect((await signIn('pm_x', fetching)).csrf).toBe('w');
    expect(asked[0]?.url).toBe('/api/v1/sessions');
    expect(asked[0]?.init.method).toBe('POST');
    expect(asked[0]?.init.headers).toEqual({ Authorization: 'Bearer pm_x' });
  });

  it('knows whether there is a session already', async () => {
    const { fetching } = clientOf([json({ csrf: 'w' }), json({}, { status: 401 }), json({}, { status: 503 })]);
    expect((await ownSession(fetching))?.csrf).toBe('w');
    expect(await ownSession(fetching)).toBeNull();
    await expect(ownSession(fetching)).rejects.toMatchObject({ status: 503 });
  });

  it('does not read again what has not changed', async () => {
    const { client, asked } = clientOf([new Response(null, { status: 304 })]);
    expect(await client.get('/alerts', { etag: '"7"' })).toBeNull();
    expect(header(asked[0], 'If-None-Match')).toBe('"7"');
  });

  it('sends each change with a key of its own', async () => {
    const { client, asked } = clientOf([json({}), json({})]);
    await client.change('POST', '/alerts/1/ack');
    await client.change('POST', '/alerts/1/ack');
    expect(asked.map((each) => header(each, 'Idempotency-Key'))).toEqual(['key-1', 'key-2']);
  });

  it('puts the pieces of a list together', async () => {
    const { client, asked } = clientOf([
      json({ alerts: [1, 2], next_cursor: 'a=b' }, { headers: { ETag: '"1"' } }), json({ alerts: [3], next_cursor: null }),
    ]);
    const answer = await client.list<{ alerts: number[] }>('/alerts', 'alerts');
    expect(answer?.value.alerts).toEqual([1, 2, 3]);
    expect(answer?.etag).toBe('');
    expect(asked.map((each) => each.url)).toEqual(['/api/v1/alerts?limit=500', '/api/v1/alerts?limit=500&cursor=a%3Db']);
  });

  it('ends with a list that has no end', async () => {
    const endless = Array.from({ length: 30 }, () => json({ peers: Array(500).fill(0), next_cursor: 'x' }));
    const { client } = clientOf(endless);
    expect((await client.list<{ peers: number[] }>('/peers', 'peers'))?.value.peers).toHaveLength(10_000);
  });

  it('tells a refusal with its place', async () => {
    const body = {
      type: '/api/v1/problems/bad-policy', title: 'Bad policy', detail: 'a comma is missing', line: 3, column: 7,
      errors: [{ pointer: '/text', detail: 'is none' }],
    };
    const { client } = clientOf([json(body, { status: 422, headers: { 'Retry-After': '4' } })]);
    const problem = await client.change('PUT', '/policy').catch((error: unknown) => error as Problem);
    expect(problem).toMatchObject({
      message: 'a comma is missing', status: 422, code: 'bad-policy', line: 3, column: 7, retryAfterS: 4,
      faults: [{ place: '/text', detail: 'is none' }],
    });
  });

  it('says that nobody answers, and bears an answer that is no JSON', async () => {
    const { client } = clientOf([new TypeError('failed'), new Response('<html>', { status: 502 })]);
    await expect(client.get('/a')).rejects.toMatchObject({ isOffline: true, message: 'The node does not answer.' });
    await expect(client.get('/a')).rejects.toMatchObject({ status: 502, message: 'The node answered 502.' });
  });
});
