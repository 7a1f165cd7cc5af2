// How what the API takes and gives looks, in the notation of api/shape.h. An answer is what `phantom VERB --json` prints.

#include "daemon/api_routes.h"

namespace phantom::daemon {

std::string_view api_shapes_text() {
    return R"(
# ---- The node and its mesh

Health {
  started: bool                # the node has come as far as 'phantom init' waits for
  ready: bool                  # it has agreed keys with every peer that is there
}
Version {
  schema: string
  version: string
}
Carrier {
  port: int?                   # TCP for members without UDP
  problem: string?
  connections: int
}
ApiStatus {
  place: string?               # where it listens
  problem: string?
  fingerprint: string          # SHA-256 of the certificate
  connections: int
  listeners: int               # of /events
  requests: int
  tokens: int
}
Self {
  name: string
  id: string
  addresses: [string]
  listen_port: int
  interface: string
  endpoints: [string]
  keys_since: time
  keys_generation: int
  keys: string
  rotation: "done" | "asking" | "waiting"
  holds_root: bool
  carrier: Carrier
  api: ApiStatus
}
Node {
  ...Self
  mesh: string                 # the first 16 digits of the mesh id
  ready: bool
  started: bool
}
PostQuantum {
  established: bool
  since: time?
  kept?: bool
  control_only_sessions?: int
  policy?: string              # "off": a stock WireGuard peer
}
Peer {
  schema?: string              # of one that was asked for by its name
  name: string
  id?: string                  # not of an imported peer
  addresses: [string]
  path: "none" | "relay" | "tcp" | "direct"
  endpoint: string?
  relays?: [string]
  rtt_ms: number?
  state?: string
  state_age_s?: number?
  neighbour?: bool
  loss?: number
  post_quantum: PostQuantum
  sent_bytes: int
  received_bytes: int
  keys_since?: time
  expires?: time
  imported?: bool
  public_key?: string
}
Peers {
  peers: [Peer]
  next_cursor: string?
}
Ping {
  schema: string
  peer: string
  path: string
  rtt_ms: number?              # of the last one; one that is asked for now comes later
}
Revoked {
  schema: string
  revoked: string
}
Netcheck {
  schema: string
  udp: bool?
  nat: string
  observed: [any]
  ipv6: bool
  gateway: string?
  endpoints: [any]
  port_mapping: any
  lan_discovery: bool
  lan: [any]
  mtu: any
  relays: [any]
  advice: [string]
}
NetRoute {
  prefix: string
  via: string
  state: string
  reason: string
}
NetRoutes {
  schema: string
  routes: [NetRoute]
  offers: [string]
  exit: string?
  problem: string?
}
RouteOffer {
  what: string(1..64)          # a prefix, or "exit"
}
ExitChoice {
  exit: string(1..63)          # a member's name, or "none"
}
Dns {
  schema: string
  on: bool
  hook: string
  zone: string
  listening: [string]
  upstreams: [string]
  problem: string?
}
Imports {
  schema: string
  own_public_key: string
  addresses: [string]
  peers: [Peer]
}
RootSplit {
  threshold: int
  shares: int
  made: time
}
Root {
  schema: string
  held: bool
  kept: bool
  until: time?
  split: RootSplit?
  holders: [string]
}
Rotation {
  schema: string
  state: "done" | "asking" | "waiting"
  keys_since: time
  keys_generation: int
  keys: string
}

# ---- Policy

PolicyRoute {
  prefix: string
  nodes: [string]
}
Policy {
  schema: string
  active: bool
  sequence: int                # the ETag, too
  signed: time?
  text: string                 # HuJSON
  routes: [PolicyRoute]
}
PolicyText {
  text: string(1..524288)
}
PolicyCheck {
  schema: string
  grants: int
  tests: int
}
PolicyChange {                 # with dry_run the check, else the policy
  schema: string
  active?: bool
  sequence?: int
  signed?: time?
  text?: string
  routes?: [PolicyRoute]
  grants?: int
  tests?: int
}
ExplainQuery {
  src: string(1..255)          # a member, a host of the policy or an address
  dst: string(1..255)          # likewise
  port: string(1..32)          # 22, tcp:22, udp:53 or icmp
}
Explained {
  schema: string
  allowed: bool
  line: int?
  text: string
}

# ---- Tokens

Invitation {
  id: string
  uses_left: int
  expires: time
  used_by: string
  tags: [string]
}
Invitations {
  schema: string
  tokens: [Invitation]
  next_cursor: string?
}
InvitationWish {
  uses?: int(1..255)
  lifetime_s?: int(60..2592000)
  tags?: [string(1..63)](0..16)
}
NewInvitation {
  schema: string
  token: string                # a secret: who has it can join
  uses: int
  expires: time
}
ApiToken {
  id: string
  name: string
  role: "viewer" | "responder" | "administrator"
  scopes: [string]             # empty: all of the role
  requests_per_minute: int     # 0: as many as it likes
  created: time
  expires: time                # empty: never
  last_used: time              # empty: not since the node started
}
ApiTokens {
  schema: string
  tokens: [ApiToken]
  next_cursor: string?
}
ApiTokenWish {
  name: string(1..63)
  role: "viewer" | "responder" | "administrator"
  scopes?: [string(1..32)](0..16)
  requests_per_minute?: int(0..10000000)
  lifetime_s?: int(60..315360000)
}
NewApiToken {
  ...ApiToken
  schema: string
  token: string                # said this once
}
ApiTokenRevoked {
  schema: string
  id: string
  name: string
}
TokenSelf {
  id: string                   # empty: the owner, by the Unix socket
  name: string
  role: "viewer" | "responder" | "administrator"
  scopes: [string]
  expires: time
}

# ---- Defence

Defence {
  schema: string
  mode: "off" | "watch" | "act"
  packets: int
  packets_dropped: int
  findings: int
  findings_dropped: int
  urgent_findings_dropped: int
  rules: int
  rules_unusable: int
  rules_folder: string
  alerts: int
  incidents: int
  telling: any
}
DefenceMode {
  mode: "off" | "watch" | "act"
}
Alert {
  number: int
  state: "firing" | "acknowledged" | "resolved"
  priority: "P1" | "P2" | "P3" | "P4" | "P5"
  risk_tenths: int(10..100)
  confidence: number
  rule: string
  text: string
  subject: string
  subject_name: string
  object: string
  technique: string
  feeds: [string]
  count: int
  first: time
  last: time
  incident: int                # 0: none
  action: int                  # 0: none
  assessment: any              # how it was judged, term by term
  telling?: string             # new, suppressed, firing, acked, resolved
  acknowledged_by?: string
  told?: [string]
  told_last?: time
}
AlertInFull {
  ...Alert
  schema: string
  suggested?: any
  history?: any
  deliveries?: [any]
}
Alerts {
  schema: string
  alerts: [Alert]
  dropped: int
  telling: any
  next_cursor: string?
}
AlertQuery {
  state?: "firing" | "acknowledged" | "resolved"
  priority?: "P1" | "P2" | "P3" | "P4" | "P5"
  subject?: string(1..64)
  incident?: int(0..)
  limit?: int(1..500)
  cursor?: string(1..512)
}
Acknowledged {
  schema: string
  number: int
}
AlertsReload {
  schema: string
  config: string
  config_read: bool
  receivers: int
}
Silence {
  number: int
  matchers: string
  from: time
  until: time
  author: string
  comment: string
}
Silences {
  schema: string
  silences: [Silence]
  next_cursor: string?
}
SilenceWish {
  matchers: string(1..4096)    # {peer="birch",rule=~"suricata:.*"}
  for_s: int(1..31536000)
  author?: string(0..200)
  comment?: string(0..200)
}
NewSilence {
  schema: string
  number: int
  until: time
}
Numbered {
  schema: string
  number: int
}
Escalations {
  schema: string
  escalations: [any]
}
Shift {
  who: string
  from: time
  until: time
  override: bool
}
Rota {
  rota: string
  time_zone: string
  now: Shift
  next: Shift
}
OnCall {
  schema: string
  rotas: [Rota]
}
OnCallWish {
  who: string(1..255)          # a receiver
  for_s: int(1..31536000)
  from?: string(1..64)         # RFC 3339; without it, now
}

# ---- Incidents

IncidentTimes {
  first_seen: time
  opened: time
  last_seen: time
  acknowledged: time
  contained: time
  recovered: time
  closed: time
}
TimelineEntry {
  at: time
  at_ns: string
  source: string
  text: string
}
IncidentFact {
  alert: int
  subject: string
  object: string
  technique: string
  text: string
  first_ns: string
  last_ns: string
}
Incident {
  schema: string
  number: int
  state: "new" | "triage" | "analysis" | "containment" | "eradication" | "recovery" | "post_incident" | "closed" | "false_positive" | "merged" | "reopened"
  subject: string
  subject_name: string
  title: string
  risk_tenths: int
  priority: int(1..5)
  first_confidence: number
  times: IncidentTimes
  techniques: [string]
  alerts: [int]
  actions: [int]
  not_kept: int
  subjects: [string]
  objects: [string]
  facts: [IncidentFact]
  merged_into: int
  split_from: int
}
IncidentInFull {
  ...Incident
  times_ns: {string}
  timeline: [TimelineEntry]
}
Incidents {
  schema: string
  incidents: [Incident]
  next_cursor: string?
}
IncidentQuery {
  state?: string(1..32)
  subject?: string(1..64)
  limit?: int(1..500)
  cursor?: string(1..512)
}
IncidentClose {
  false_positive?: bool
}
IncidentMerge {
  into: int(1..)
}
IncidentSplit {
  alerts: [int(1..)](1..500)
}
IncidentNote {
  text: string(1..2000)
}
IncidentChanged {
  schema: string
  number: int
  state: string
}
PostMortem {
  schema: string
  number: int
  markdown: string
  record: any
}
EvidenceItem {
  file: string
  what: string
  collector: string
  note: string
  at: time
  size: int
  sha256: string
}
EvidenceFolder {
  incident: int
  folder: string
  items: [EvidenceItem]
  sealed_at: time
  first_ms: number
  took_ms: number
  head: string
}
Evidence {
  schema: string
  mesh: string
  evidence: [EvidenceFolder]
}
PlaybookInfo {
  name: string
  id: string
  title: string
  steps: int
  problem: string
}
Playbooks {
  schema: string
  folder: string
  playbooks: [PlaybookInfo]
}
WaitingStep {
  step: int
  id: string
  type: string
  command: string
}
LogLine {
  at: time
  text: string
}
PlaybookRun {
  run: int
  name: string
  incident: int
  state: "running" | "done" | "failed" | "stopped"
  started: time
  waiting: [WaitingStep]
  log: [LogLine]
}
PlaybookRuns {
  schema: string
  runs: [PlaybookRun]
}
PlaybookWish {
  incident?: int(1..)
  given?: {string}
}
PlaybookStep {
  text?: string(0..2000)
  failed?: bool
}
PlaybookChanged {              # with dry_run lines, else the run
  schema: string
  name: string
  lines?: [string]
  run?: int
  state?: "running" | "done" | "failed" | "stopped"
  started?: time
  waiting?: [WaitingStep]
}

# ---- Actions

Action {
  number: int?                 # null: it would be one
  executor: "firewall" | "isolation" | "rate-limit" | "tunnel" | "rekey" | "route" | "credential"
  target: string
  address: string
  state: string?
  until: time?
  remaining_s: int?
  renews: bool
  depends_on: [int]
  confirm_by: time?
  reason: string
  rate?: int
}
Actions {
  schema: string
  actions: [Action]
  next_cursor: string?
}
ActionQuery {
  executor?: string(1..32)
  state?: string(1..32)
  limit?: int(1..500)
  cursor?: string(1..512)
}
ActionWish {
  executor: "firewall" | "isolation" | "rate-limit" | "tunnel" | "rekey" | "route" | "credential"
  target: string(1..255)       # an address, a member or a prefix, as the executor has it
  via?: string(1..63)          # of a route: the member
  rate?: int(1..1000000000)    # of a rate limit
  for_s?: int(1..31536000)
  confirm_s?: int(1..86400)    # taken back unless it is confirmed by then
  after?: [int(1..)](0..8)     # actions that it depends on
  renew?: bool
  propose?: bool               # done once somebody approves
  reason?: string(0..500)
}
ActionEffect {
  members: any
  routes: any
  tunnels: any
  connections: any
}
ActionDone {
  ...Action
  schema: string
  effect: ActionEffect
}
UndoWish {
  cascade?: bool               # also what depends on it
}
Undone {
  schema: string
  number: int
  action?: Action              # with dry_run
  dependents?: [int]           # with dry_run: what would have to go as well
}

# ---- Intelligence, logs, audit

Refusal {
  place: string
  reason: string
}
Feed {
  name: string
  kind: string
  format: string
  path: string
  source: string
  entries: int
  rows: int
  refused: int
  outdated: int
  guarded: int
  published: time?
  confidence: number
  half_life_s: int
  hits: int
  problem: string
  refusals: [any]
}
Feeds {
  schema: string
  folder: string
  served: int
  loaded: time
  load_ms: int
  bytes: int
  problem: string
  feeds: [Feed]
}
LookupQuery {
  what: string(1..2048)        # an address, a name, a URL, a hash or a CVE
}
FeedHit {
  feed: string
  confidence: number
  age_s: int
  half_life_s: int
  lists: any
}
Lookup {
  schema: string
  what: string
  kind: string
  hits: [FeedHit]
  reputation: number
  guard: string
  exploited: bool
}
FeedsReload {
  schema: string
  request: int
}
Input {
  name: string
  type: string
  lines: int
  sightings: int
  too_long: int
  bytes_behind: int
  behind_ms: int
  bytes_skipped: int
  rotations: int
  truncations: int
  refused: int
  error: string
}
Inputs {
  schema: string
  file: string
  problem: string
  ready?: bool
  parsers?: int
  scenarios?: int
  scenarios_unusable?: int
  sigma?: int
  sigma_unusable?: int
  sightings_dropped?: int
  troubles?: [any]
  inputs?: [Input]
}
AuditEntry {
  number: int
  at: time
  who: string
  from: string
  what: string
  target: string
  why: string
  outcome: string
  hash: string
}
AuditLog {                     # the newest first
  schema: string
  entries: [AuditEntry]
  next_cursor: string?
}

# ---- The service itself

ProblemInfo {
  type: string
  title: string
  status: int
  advice: string
}
OpenApi {
  openapi: string
  info: any
  servers: any
  security: any
  tags: any
  paths: any
  components: any
}
PageQuery {
  limit?: int(1..500)
  cursor?: string(1..512)
}
DryRunQuery {
  dry_run?: bool               # only say what would be done
}
LinkQuery {
  token: string(1..1024)       # as it stands in the message
}
Nothing {
}
)";
}

}  // namespace phantom::daemon
