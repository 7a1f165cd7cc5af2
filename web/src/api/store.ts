// What is known of the node: each answer once, whoever looks at it, brought up to date by events and, where there are
// none of it, by asking again. Knows no React.

import { Client, Problem, problemIn, type Answer } from './client';
import { EventStreamParser } from './event_stream';

/** Something that can be looked at. `topics`: events ("alert" of "alert.raised") after which it is read again. */
export interface Source<T> {
  key: string;
  topics: string[];
  /** Read again after this, besides; 0: only after events. */
  everyMs: number;
  load(client: Client, etag: string): Promise<Answer<T> | null>;
}

export interface View<T> {
  value: T | undefined;
  problem: Problem | null;
  /** When the value was last known to hold, in ms. */
  at: number;
}

export type Link = 'connecting' | 'live' | 'offline';

export interface News {
  id: string;
  type: string;
  time: string;
  data: Record<string, unknown>;
}

interface Entry {
  source: Source<unknown>;
  view: View<unknown>;
  etag: string;
  listeners: Set<() => void>;
  isLoading: boolean;
  isStale: boolean;
  dueMs: number;
  /** How long the last answer took. */
  tookMs: number;
}

const kEntriesMax = 64;
const kNewsMax = 200;
// What happens at once is read once.
const kGatherMs = 120;
const kTickMs = 500;
// Neither the node nor the browser is busy with what is large for more than a part of the time.
const kPausesOfAnswer = 10;
const kRetryMs = 1_000;
const kRetryMaxMs = 15_000;
// The API says something every 15 s; a stream that is silent for longer is dead.
const kSilenceMaxMs = 40_000;

export class Store {
  link: Link = 'connecting';
  news: News[] = [];

  private readonly entries = new Map<string, Entry>();
  private readonly watchers = new Set<() => void>();
  private readonly stopping = new AbortController();
  private readonly ticking: ReturnType<typeof setInterval>;

  constructor(
    readonly client: Client,
    private readonly onSignedOut: () => void,
  ) {
    this.ticking = setInterval(() => this.tick(), kTickMs);
    void this.listen();
  }

  close(): void {
    clearInterval(this.ticking);
    this.stopping.abort();
  }

  // ---- Views ----

  view<T>(source: Source<T>): View<T> {
    return this.entry(source).view as View<T>;
  }

  watch<T>(source: Source<T>, listener: () => void): () => void {
    const entry = this.entry(source);
    entry.listeners.add(listener);
    if (entry.isStale) void this.load(entry);
    return () => entry.listeners.delete(listener);
  }

  /** Whether the stream is there, and what it said. */
  watchLink(listener: () => void): () => void {
    this.watchers.add(listener);
    return () => this.watchers.delete(listener);
  }

  /** After a change of one's own: the stream may be slower than the eye. */
  refresh(...topics: string[]): void {
    for (const entry of this.entries.values()) {
      if (topics.length === 0 || entry.source.topics.some((topic) => topics.includes(topic))) this.spoil(entry);
    }
  }

  private entry<T>(source: Source<T>): Entry {
    const known = this.entries.get(source.key);
    if (known) return known;
    this.forgetOldest();
    const made: Entry = {
      source: source as Source<unknown>,
      view: { value: undefined, problem: null, at: 0 },
      etag: '',
      listeners: new Set(),
      isLoading: false,
      isStale: true,
      dueMs: 0,
      tookMs: 0,
    };
    this.entries.set(source.key, made);
    return made;
  }

  private forgetOldest(): void {
    for (const [key, entry] of this.entries) {
      if (this.entries.size < kEntriesMax) return;
      if (entry.listeners.size === 0) this.entries.delete(key);
    }
  }

  private spoil(entry: Entry): void {
    entry.isStale = true;
    if (entry.listeners.size > 0) entry.dueMs = Math.min(entry.dueMs || Infinity, Date.now() + kGatherMs);
    if (entry.listeners.size > 0) setTimeout(() => this.loadIfDue(entry), kGatherMs);
  }

  private tick(): void {
    if (typeof document !== 'undefined' && document.hidden) return;
    for (const entry of this.entries.values()) this.loadIfDue(entry);
  }

  private loadIfDue(entry: Entry): void {
    if (entry.listeners.size > 0 && entry.dueMs !== 0 && Date.now() >= entry.dueMs) void this.load(entry);
  }

  private async load(entry: Entry): Promise<void> {
    if (entry.isLoading) return;
    entry.isLoading = true;
    entry.isStale = false;
    entry.dueMs = 0;
    const began = Date.now();
    try {
      const answer = await entry.source.load(this.client, entry.view.problem ? '' : entry.etag);
      if (answer !== null) {
        entry.etag = answer.etag;
        entry.view = { value: answer.value, problem: null, at: Date.now() };
      } else {
        entry.view = { ...entry.view, problem: null, at: Date.now() };
      }
    } catch (error) {
      const problem = problemIn(error);
      entry.view = { ...entry.view, problem };
      if (problem.isSignedOut) this.onSignedOut();
    }
    entry.isLoading = false;
    entry.tookMs = Date.now() - began;
    const pause = pauseAfter(entry);
    // It may have been spoilt meanwhile.
    entry.dueMs = entry.isStale ? Date.now() + kGatherMs : pause === 0 ? 0 : Date.now() + pause;
    for (const listener of entry.listeners) listener();
  }

  // ---- The stream ----

  private async listen(): Promise<void> {
    const parser = new EventStreamParser();
    let failures = 0;
    while (!this.stopping.signal.aborted) {
      try {
        await this.hear(parser, () => {
          failures = 0;
          this.setLink('live');
        });
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        const problem = problemIn(error);
        if (problem.isSignedOut) return this.onSignedOut();
        // Not a stream that may be heard, but a node that answers: views are asked for again and again.
        if (problem.status === 403) return this.setLink('live');
      }
      if (this.stopping.signal.aborted) return;
      failures += 1;
      this.setLink(failures > 1 ? 'offline' : 'connecting');
      await sleep(retryPause(failures, parser.retryMs));
    }
  }

  private async hear(parser: EventStreamParser, onAlive: () => void): Promise<void> {
    const alive = new AbortController();
    const signal = AbortSignal.any([alive.signal, this.stopping.signal]);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => alive.abort(), kSilenceMaxMs);
    };
    heard();
    try {
      const isAgain = parser.lastId !== '';
      const stream = await this.client.listen(parser.lastId, signal);
      onAlive();
      // What happened before the first event was heard of is in no stream.
      if (!isAgain) this.refresh();
      const reader = stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        heard();
        for (const event of parser.feed(value)) this.hearOf(event.id, event.type, event.data);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  private hearOf(id: string, type: string, text: string): void {
    if (type === 'reset') return this.refresh();
    const told = newsOf(id, type, text);
    if (told) this.news = [told, ...this.news].slice(0, kNewsMax);
    this.refresh(type.split('.')[0]!);
    this.tellWatchers();
  }

  private setLink(link: Link): void {
    if (this.link === link) return;
    const wasAway = this.link === 'offline';
    this.link = link;
    if (wasAway && link === 'live') this.refresh();
    this.tellWatchers();
  }

  private tellWatchers(): void {
    for (const watcher of this.watchers) watcher();
  }
}

/** How long until an answer is asked for again; 0: not by the clock. */
export function pauseAfter(entry: { source: { everyMs: number }; view: { problem: Problem | null }; tookMs: number }): number {
  const { problem } = entry.view;
  if (problem === null) return entry.source.everyMs && Math.max(entry.source.everyMs, kPausesOfAnswer * entry.tookMs);
  if (problem.retryAfterS !== null) return problem.retryAfterS * 1000;
  // A refusal stays one; a node that does not answer may come back.
  return problem.status > 0 && problem.status < 500 ? entry.source.everyMs : 3_000;
}

export function retryPause(failures: number, told: number | null): number {
  return Math.min((told ?? kRetryMs) * 2 ** Math.max(0, failures - 1), kRetryMaxMs);
}

export function newsOf(id: string, type: string, text: string): News | null {
  try {
    const event = JSON.parse(text) as { time?: unknown; data?: unknown };
    if (typeof event.time !== 'string' || typeof event.data !== 'object' || event.data === null) return null;
    return { id, type, time: event.time, data: event.data as Record<string, unknown> };
  } catch {
    return null;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
