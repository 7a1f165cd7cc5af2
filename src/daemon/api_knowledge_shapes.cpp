// How what the API takes and gives looks, in the notation of api/shape.h: feeds, rules, logs, the audit log.

#include "daemon/api_routes.h"

namespace phantom::daemon {

namespace {

constexpr std::string_view kKnowledgeShapes = R"(# ---- Intelligence, logs, audit

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
