// How what the API takes and gives looks, in the notation of api/shape.h: flows, detections, feeds, rules, logs, the
// audit log.

#include "daemon/api_routes.h"

namespace phantom::daemon {

namespace {

constexpr std::string_view kKnowledgeShapes = R"(# ---- What is seen

Flow {
  number: int                  # the newest has the greatest
  peer: string                 # the member beyond this node; empty: none
  direction: "in" | "out" | "through"
  protocol: string             # tcp, udp, icmp, or its number
  from: string                 # who began it
  from_name: string            # of a member
  from_port: int               # 0: it has none
  to: string
  to_name: string
  to_port: int
  state: "asked" | "open" | "over"
  application: string          # http, dns, tls, ssh, ...; empty: not recognised
  name: string                 # that was asked for: in a query of DNS, a hello of TLS, a request of HTTP
  packets_there: int           # as it began
  packets_back: int
  bytes_there: int             # of IP packets
  bytes_back: int
  counts_are_all: bool         # else there are at least so many
  seen_by: "watcher" | "kernel"
  since: time                  # it was seen first
  last: time
  policy: "none" | "allowed" | "denied"
  grant_line: int?             # of the policy, that allows it
}
Flows {                        # the newest first
  schema: string
  flows: [Flow]
  count: int                   # of all that are like this
  is_whole: bool               # else the kernel has more than was looked at
  next_cursor: string?
}
FlowQuery {
  peer?: string(1..63)
  address?: string(1..64)      # of either end
  port?: int(1..65535)         # likewise
  protocol?: string(1..8)
  application?: string(1..16)
  state?: "asked" | "open" | "over"
  limit?: int(1..500)
  cursor?: string(1..512)
}
Detection {
  number: int                  # the newest has the greatest
  at: time
  kind: "signature" | "scenario" | "anomaly" | "log" | "reputation" | "peer report"
  rule: string
  text: string
  subject: string              # who does it
  subject_name: string         # where it is a member
  object: string               # to whom; empty: to many
  technique: string            # of ATT&CK
  severity: number             # 0 to 10, of this finding
  evidence: number             # ln of how much likelier it is with an attack than without
  confidence: number           # with all else that spoke against the subject then
  risk_tenths: int(10..100)
  feeds: [string]              # that name the subject, or whom it asked for
  alert: int
  incident: int                # 0: none
  explanation: string          # term by term; empty: nothing was new, the alert has it
}
DetectionInFull {
  ...Detection
  schema: string
}
Detections {                   # the newest first
  schema: string
  detections: [Detection]
  judged: int                  # since the node started
  kept: int                    # of them
  next_cursor: string?
}
DetectionQuery {
  kind?: "signature" | "scenario" | "anomaly" | "log" | "reputation" | "peer report"
  subject?: string(1..64)      # an address or a member
  rule?: string(1..200)
  alert?: int(1..)
  incident?: int(1..)
  limit?: int(1..500)
  cursor?: string(1..512)
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
  fetch: FeedFetch?            # null: it is a file
}
FeedFetch {
  origin: string
  fetched: time?
  checked: time?
  next_in_s: int
  failures: int                # in a row
  problem: string
}
Feeds {
  schema: string
  folder: string
  served: int
  fetch_served: int            # fetches that are done
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
FeedsFetch {
  name?: string(1..64)         # without it, all that have a URL
}
RuleFile {
  name: string
  source: string               # current, last good, in part, none
  usable: int
  unusable: int
  changed: time?
  loaded: time?
  problem: string
  refusals: [any]
}
Rules {
  schema: string
  folder: string
  wanted: bool
  served: int                  # reloads that are done
  swaps: int
  loaded: time?
  load_ms: int
  in_force: int
  unusable: int
  problem: string
  files: [RuleFile]
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
  sightings_waiting?: int
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
)";

}  // namespace

std::string_view knowledge_shapes_text() {
    return kKnowledgeShapes;
}

}  // namespace phantom::daemon
