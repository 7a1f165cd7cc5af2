// How what the API takes and gives looks, in the notation of api/shape.h: of attacks. An answer is what
// `phantom VERB --json` prints.

#include "daemon/api_routes.h"

namespace phantom::daemon {

namespace {

constexpr std::string_view kDefenceShapes = R"(# ---- Defence

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
  measures: [Measure]          # by which executor is acted, the gentlest first
  targets: [MeasureTarget]
  settings_problem: string
}
Measure {
  executor: string
  use: bool
  confidence: number
  risk_tenths: int(10..100)
  approve: string              # never, always, above RISK
  for_s: int
  active: int                  # at most so many at a time
  per_hour: int
  rate?: int
}
MeasureTarget {
  target: string
  executors: [string]          # none: all
  approve: string
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
  measure: string?             # its executor
  proposal: int                # 0: none
  proposed: string?            # its executor
  assessment: any              # how it was judged, term by term
  trace_id: string             # of what it led to
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
  deliveries?: [Delivery]
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
  escalations: [Escalation]
}
Receiver {
  name: string
  channels: [string]           # email, slack, ...; none: nobody is told
}
EscalationLevel {
  after_s: int                 # since it began
  targets: [string]            # receivers, and rota:NAME; none: whom the route tells
}
EscalationPolicy {
  name: string
  priority: string             # for those, and what matters more
  levels: [EscalationLevel]
  repeats: int                 # rounds after the first
}
Receivers {
  schema: string
  config: string
  receivers: [Receiver]
  policies: [EscalationPolicy]
}
ReceiverTest {
  schema: string
  receiver: string
  keys: [string]               # of its deliveries
}
Delivery {
  key: string
  alerts: [int]
  receiver: string
  channel: string
  destination: string
  priority: int(1..5)
  level: int                   # of the escalation, from 1; 0: told by the route
  resolved: bool
  put: time
  state: string
  attempts: int
  next: time
  done: time
  answer: string
}
DeliveryInFull {
  ...Delivery
  schema: string
}
Escalation {
  policy: string
  receiver: string
  alerts: [int]
  began: time
  round: int
  next_level: int
  levels: int
  next: time
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
  playbooks: [string]          # that have begun for it by themselves
  merged_into: int
  split_from: int
  trace_id: string             # of what it is about
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
  first_waited_ms: number      # of them, for a processor
  took_ms: number
  waited_ms: number            # of the last look, for a processor
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
  effect?: ActionEffect        # of a proposal
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
  incident?: int(1..)          # whose action it is
}
ActionEffect {                 # what it would cut, or has
  text: string
  flows: int
  flows_are_all: bool          # else there are at least so many
  flow_list: [string]
  members: [string]
  members_count: int
  routes: [string]
  routes_count: int
  tunnels: [string]
  tunnels_count: int
}
ActionDone {                   # with its effect
  ...Action
  schema: string
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
)";

}  // namespace

std::string_view defence_shapes_text() {
    return kDefenceShapes;
}

}  // namespace phantom::daemon
