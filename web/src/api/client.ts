// Questions to the node, and its refusals. Who asks is known by a cookie that no script can read; with each change goes a
// word that only this page can have read (docs/api.md, "Sessions").

import type { Session, SignIn } from './shapes';

const kPrefix = '/api/v1';
const kPatienceMs = 15_000;
const kPieceSize = 500;
/** Of one list: more than this is not read, and the page says so. */
export const kListMax = 20 * kPieceSize;

/** A refusal as the API tells it (RFC 9457), or that nobody answered (status 0). */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly faults: { place: string; detail: string }[];
  readonly retryAfterS: number | null;

  constructor(status: number, body: Record<string, unknown>, retryAfter: string | null = null) {
    super(text(body.detail) || text(body.title) || `The node answered ${status}.`);
    this.status = status;
    this.code = text(body.type).split('/').pop() ?? '';
    this.line = typeof body.line === 'number' ? body.line : null;
    this.column = typeof body.column === 'number' ? body.column : null;
    this.faults = Array.isArray(body.errors) ? body.errors.map(faultOf) : [];
    this.retryAfterS = retryAfter && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
  }

  get isSignedOut(): boolean {
    return this.status === 401;
  }
  get isOffline(): boolean {
    return this.status === 0;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function faultOf(fault: unknown): { place: string; detail: string } {
  const of = (fault ?? {}) as Record<string, unknown>;
  return { place: text(of.pointer) || text(of.parameter), detail: text(of.detail) };
}

export interface Wish {
  body?: unknown;
  ifMatch?: string;
  /** An answer that is known already: null comes back where it still holds. */
  etag?: string;
  signal?: AbortSignal;
}

export interface Answer<T> {
  value: T;
  etag: string;
}

/** Exchanges a token for a session: the cookie is set, and the token is needed no more. */
export async function signIn(token: string, fetching: typeof fetch = (...given) => fetch(...given)): Promise<Session> {
  return askForSession('POST', '/sessions', { Authorization: `Bearer ${token}` }, fetching);
}

/** The session that this browser has already; null: none. */
export async function ownSession(fetching: typeof fetch = (...given) => fetch(...given)): Promise<Session | null> {
  try {
    return await askForSession('GET', '/sessions/self', {}, fetching);
  } catch (error) {
    if (problemIn(error).isSignedOut) return null;
    throw error;
  }
}

/** By what one may sign in. Where that cannot be said, a token always does. */
export async function signInMethods(fetching: typeof fetch = (...given) => fetch(...given)): Promise<SignIn | null> {
  try {
    const response = await reach(fetching, '/sign-in', { signal: AbortSignal.timeout(kPatienceMs), cache: 'no-store' });
    return response.ok ? ((await response.json()) as SignIn) : null;
  } catch {
    return null;
  }
}

async function askForSession(method: string, path: string, headers: HeadersInit, fetching: typeof fetch): Promise<Session> {
  const signal = AbortSignal.timeout(kPatienceMs);
  const response = await reach(fetching, path, { method, headers, signal, cache: 'no-store' });
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as Session;
}

export class Client {
  constructor(
    private csrf: string,
    private readonly fetching: typeof fetch = (...given) => fetch(...given),
    private readonly newKey: () => string = () => crypto.randomUUID(),
  ) {}

  async get<T>(path: string, wish: Wish = {}): Promise<Answer<T> | null> {
    return this.call<T>('GET', path, wish);
  }

  /** A change. Sent twice by accident it is done once. */
  async change<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, wish: Wish = {}): Promise<Answer<T>> {
    const answer = await this.call<T>(method, path, wish);
    return answer ?? { value: {} as T, etag: '' };
  }

  /** All pieces of a list, as one answer. Its ETag is that of the first piece where there is but one. */
  async list<T extends object>(path: string, items: string, wish: Wish = {}): Promise<Answer<T> | null> {
    const ask = `${path}${path.includes('?') ? '&' : '?'}limit=${kPieceSize}`;
    const first = await this.get<T & Paged>(ask, wish);
    if (first === null) return null;
    let cursor = first.value.next_cursor;
    const all = (first.value as Record<string, unknown[]>)[items] ?? [];
    let etag = first.etag;
    while (cursor && all.length < kListMax) {
      const piece = await this.get<T & Paged>(`${ask}&cursor=${encodeURIComponent(cursor)}`, { signal: wish.signal });
      if (piece === null) break;
      all.push(...((piece.value as Record<string, unknown[]>)[items] ?? []));
      cursor = piece.value.next_cursor;
      etag = '';
    }
    return { value: first.value, etag };
  }

  /** The body of the event stream, from behind `lastId` on. */
  async listen(lastId: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const headers = new Headers({ Accept: 'text/event-stream' });
    if (lastId) headers.set('Last-Event-ID', lastId);
    const response = await this.send('/events', { headers, signal, cache: 'no-store' });
    if (!response.ok || !response.body) throw await problemOf(response);
    return response.body;
  }

  private async call<T>(method: string, path: string, wish: Wish, isAgain = false): Promise<Answer<T> | null> {
    const headers = new Headers();
    if (method !== 'GET') headers.set('X-CSRF-Token', this.csrf);
    if (wish.body !== undefined) headers.set('Content-Type', 'application/json');
    if (wish.ifMatch) headers.set('If-Match', wish.ifMatch);
    if (wish.etag) headers.set('If-None-Match', wish.etag);
    if (method === 'POST') headers.set('Idempotency-Key', this.newKey());
    const patience = AbortSignal.timeout(kPatienceMs);
    const response = await this.send(path, {
      method,
      headers,
      body: wish.body === undefined ? null : JSON.stringify(wish.body),
      signal: wish.signal ? AbortSignal.any([wish.signal, patience]) : patience,
      cache: 'no-store',
    });
    if (response.status === 304) return null;
    if (!response.ok) {
      const problem = await problemOf(response);
      // Another tab has signed in meanwhile: the cookie is of another session, whose word it is now.
      if (problem.code !== 'no-csrf' || isAgain) throw problem;
      this.csrf = (await ownSession(this.fetching))?.csrf ?? '';
      return this.call(method, path, wish, true);
    }
    const said = await response.text();
    return { value: (said ? JSON.parse(said) : {}) as T, etag: response.headers.get('ETag') ?? '' };
  }

  private send(path: string, init: RequestInit): Promise<Response> {
    return reach(this.fetching, path, init);
  }
}

async function reach(fetching: typeof fetch, path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetching(kPrefix + path, init);
  } catch (error) {
    if (init.signal?.aborted && init.signal.reason?.name !== 'TimeoutError') throw error;
    throw new Problem(0, { type: 'offline', detail: 'The node does not answer.' });
  }
}

interface Paged {
  next_cursor?: string | null;
}

async function problemOf(response: Response): Promise<Problem> {
  const body = await response.json().catch(() => ({}));
  return new Problem(response.status, (body ?? {}) as Record<string, unknown>, response.headers.get('Retry-After'));
}

export function problemIn(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(-1, { detail: error instanceof Error ? error.message : String(error) });
}
