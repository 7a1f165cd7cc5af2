// What the pages look at: which route, after which events it is read again, and how often besides.

import type {
  Actions, AlertInFull, Alerts, ApiTokens, AuditLog, Defence, Detections, Escalations, Evidence, Feeds, Flows, History, IncidentInFull, Incidents, Inputs,
  Invitations, NetRoutes, Node, OnCall, Peers, PlaybookRun, PlaybookRuns, Playbooks, Policy, PostMortem, Receivers, Rules, Silences, TokenSelf,
} from './shapes';
import type { Client } from './client';
import type { Source } from './store';

const kSlowMs = 30_000;
// Round trips, traffic and what is left of a block: no event tells of them.
const kQuickMs = 5_000;
// As often as the node takes a sample.
const kHistoryMs = 15_000;

function one<T>(path: string, topics: string[], everyMs = 0): Source<T> {
  return { key: path, topics, everyMs, load: (client, etag) => client.get<T>(path, { etag }) };
}

function list<T extends object>(path: string, items: string, topics: string[], everyMs = 0): Source<T> {
  return { key: path, topics, everyMs, load: (client, etag) => client.list<T>(path, items, { etag }) };
}

export const self = one<TokenSelf>('/api-tokens/self', []);
export const node = one<Node>('/nodes/self', ['peer'], kSlowMs);
export const defence = one<Defence>('/defence', ['alert', 'defence'], kSlowMs);
export const peers = list<Peers>('/peers', 'peers', ['peer'], kQuickMs);
export const routes = one<NetRoutes>('/routes', ['peer'], kSlowMs);
export const alerts = list<Alerts>('/alerts', 'alerts', ['alert'], kSlowMs);
export const flows = list<Flows>('/flows', 'flows', [], kQuickMs);
/** Of one subject, or of all where it is empty. */
export const detections = (subject: string) =>
  list<Detections>(`/detections${subject ? `?subject=${encodeURIComponent(subject)}` : ''}`, 'detections', ['alert', 'detection'], kSlowMs);
export const incidents = list<Incidents>('/incidents', 'incidents', ['incident'], kSlowMs);
export const actions = list<Actions>('/actions', 'actions', ['action'], kQuickMs);
export const silences = list<Silences>('/silences', 'silences', ['silence'], kSlowMs);
export const receivers = one<Receivers>('/receivers', ['receiver'], kSlowMs);
export const escalations = one<Escalations>('/escalations', ['alert'], kQuickMs);
export const onCall = one<OnCall>('/oncall', ['oncall'], kSlowMs);
export const playbooks = one<Playbooks>('/playbooks', [], 0);
export const runs = one<PlaybookRuns>('/playbook-runs', ['run', 'incident'], kSlowMs);
export const run = (number: number) => one<PlaybookRun>(`/playbook-runs/${number}`, ['run', 'incident'], kQuickMs);
export const policy = one<Policy>('/policy', ['policy'], 0);
export const feeds = one<Feeds>('/feeds', ['feed'], kSlowMs);
export const rules = one<Rules>('/rules', ['rule'], kSlowMs);
export const inputs = one<Inputs>('/inputs', ['feed'], kSlowMs);
export const invitations = list<Invitations>('/tokens', 'tokens', ['token'], kSlowMs);
export const apiTokens = list<ApiTokens>('/api-tokens', 'tokens', ['token'], kSlowMs);

/** Traffic and round trips; of all peers where there is no name. */
export function history(peer: string, span: 'hour' | 'day'): Source<History> {
  return one<History>(`/history?span=${span}${peer ? `&peer=${encodeURIComponent(peer)}` : ''}`, [], kHistoryMs);
}
export const alert = (number: number) => one<AlertInFull>(`/alerts/${number}`, ['alert', 'action'], kSlowMs);
export const incident = (number: number) => one<IncidentInFull>(`/incidents/${number}`, ['incident'], kSlowMs);
export const evidence = (number: number) => one<Evidence>(`/incidents/${number}/evidence`, ['incident'], kSlowMs);
export const postMortem = (number: number) => one<PostMortem>(`/incidents/${number}/post-mortem`, ['incident', 'action']);

/** The newest `count` entries of the audit log. */
export function audit(count: number): Source<AuditLog> {
  return {
    key: `/audit ${count}`,
    topics: ['action', 'alert', 'incident', 'policy', 'peer', 'audit'],
    everyMs: kSlowMs,
    load: (client, etag) => readAudit(client, count, etag),
  };
}

async function readAudit(client: Client, count: number, etag: string) {
  const piece = Math.min(count, 100);
  const answer = await client.get<AuditLog>(`/audit?limit=${piece}`, { etag: count <= piece ? etag : '' });
  if (answer === null) return null;
  const { value } = answer;
  while (value.next_cursor && value.entries.length < count) {
    const more = await client.get<AuditLog>(`/audit?limit=${piece}&cursor=${encodeURIComponent(value.next_cursor)}`);
    if (more === null) break;
    value.entries.push(...more.value.entries);
    value.next_cursor = more.value.next_cursor;
  }
  return answer;
}
