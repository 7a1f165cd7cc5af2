// How what the API takes and gives looks, in the notation of api/shape.h: of the mesh, of tokens and of the service itself. An answer is what
// `phantom VERB --json` prints.

#include "daemon/api_routes.h"

namespace phantom::daemon {

namespace {

constexpr std::string_view kMeshShapes = R"(
# ---- The node and its mesh

Health {
  started: bool                # the node has come as far as 'phantom init' waits for
  ready: bool                  # it has agreed keys with every peer that is there
}
MetricsQuery {
  format?: "openmetrics" | "prometheus"   # otherwise as the field Accept says
  aliases?: "wireguard"        # wireguard_exporter's names too
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
HistoryQuery {
  peer?: string(1..63)         # without it, all together
  span?: "hour" | "day"        # without it, the hour
}
History {                      # the oldest first; the last value is of "until", each other one step before the next
  schema: string
  peer: string                 # empty: all together
  until: time
  step_s: int
  received: [number?]          # bytes in a second; null: nothing is known
  sent: [number?]
  rtt_ms: [number?]            # of all: the median
  loss: [number?]              # 0 to 1
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

Session {
  id: string
  csrf: string                 # goes with each change, as X-CSRF-Token
  opened: time
  ends: time
  idle_s: int                  # it is over when nothing was asked with it for so long
  who: TokenSelf
}
SessionInfo {
  id: string
  name: string                 # of the token or the person
  role: "viewer" | "responder" | "administrator"
  address: string
  opened: time
  used: time
  ends: time
  is_own: bool
}
SignIn {
  schema: string
  token: bool
  openid: string?              # the issuer's name, for a button; null: nobody signs in there
}
OpenIdBack {                   # as OpenID Connect Core 1.0 has it, and what some issuers add
  state?: string(0..256)
  code?: string(0..4096)
  error?: string(0..256)
  error_description?: string(0..2048)
  error_uri?: string(0..2048)
  iss?: string(0..1024)
  session_state?: string(0..1024)
  scope?: string(0..2048)
  authuser?: string(0..64)
  prompt?: string(0..64)
  hd?: string(0..256)
}
Sessions {
  schema: string
  sessions: [SessionInfo]
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

}  // namespace

std::string_view mesh_shapes_text() {
    return kMeshShapes;
}

}  // namespace phantom::daemon
