#include "daemon/node_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "daemon/audit_entries.h"
#include "daemon/mesh_api.h"
#include "daemon/netcheck.h"
#include "fields/fields.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

// Of a status: addresses that lead nowhere on this machine.
void drop_v4(json::object& status) {
    const auto drop = [](json::object& of) {
        json::array kept;
        for (const json::value& each : of.at("addresses").as_array()) {
            if (each.as_string().find(':') != json::string::npos) {
                kept.push_back(each);
            }
        }
        of["addresses"] = std::move(kept);
    };
    drop(status.at("self").as_object());
    for (json::value& peer : status.at("peers").as_array()) {
        drop(peer.as_object());
    }
}

}  // namespace

NodeService::NodeService(
    MeshState state, io::Fd listener, const RunOptions& options, const Surroundings& surroundings
)
    : stop_(surroundings.stop),
      has_v4_(surroundings.has_v4),
      node_(std::move(state), surroundings.tunnel, surroundings.random),
      carrier_(node_, surroundings.udp_is_blocked),
      imported_(
          {.mesh = node_.mesh(),
           .files = node_.files(),
           .tunnel = surroundings.tunnel,
           .tun_fd = surroundings.tun_fd}
      ),
      dns_(
          node_.mesh(), node_.files(),
          {.resolv_conf = options.resolv_conf, .interface = interface()}, surroundings.has_v4,
          surroundings.loop, surroundings.random
      ),
      routes_(node_, surroundings.tunnel, surroundings.tun_fd),
      reach_(
          node_, surroundings.loop, surroundings.random,
          {.port_mapping = options.port_mapping, .lan_discovery = options.lan_discovery}
      ),
      audit_(node_),
      remedy_(
          {.node = node_,
           .routes = routes_,
           .feeds = feeds_box_,
           .loop = surroundings.loop,
           .resolv_conf = options.resolv_conf}
      ),
      feeds_(node_, remedy_, feeds_box_),
      defence_(
          {.node = node_,
           .tunnel = surroundings.tunnel,
           .remedy = remedy_,
           .audit = audit_,
           .feeds = feeds_box_,
           .loop = surroundings.loop,
           .random = surroundings.random}
      ),
      flows_(node_, defence_.flows()),
      intake_(
          node_, surroundings.loop,
          [this](const respond::Finding& finding) { defence_.report(finding); }
      ),
      handling_(
          {.node = node_,
           .defence = defence_,
           .remedy = remedy_,
           .audit = audit_,
           .loop = surroundings.loop},
          [this](const boost::json::object& request, std::string_view origin) {
              return answer(request, origin);
          }
      ),
      api_(
          {.node = node_,
           .defence = defence_,
           .remedy = remedy_,
           .audit = audit_,
           .loop = surroundings.loop},
          options.run_dir + "/api.sock",
          [this](const boost::json::object& request, std::string_view origin) {
              return answer(request, origin);
          },
          [this](
              const metrics::TraceParent& parent, std::string_view verb, WallTime begin,
              bool is_well
          ) { defence_.traces().question(parent, verb, begin, is_well); }
      ),
      traces_(node_, defence_.traces()),
      metrics_(
          {.node = node_,
           .tunnel = surroundings.tunnel,
           .carrier = carrier_,
           .imported = imported_,
           .defence = defence_,
           .remedy = remedy_,
           .feeds = feeds_,
           .intake = intake_,
           .handling = handling_,
           .audit = audit_,
           .api = api_,
           .traces = traces_,
           .started = started_}
      ),
      server_(
          std::move(listener),
          [this](const boost::json::object& request, std::string_view origin) {
              return answer(request, origin);
          },
          surroundings.loop
      ) {}

std::optional<std::string> NodeService::start(const RunOptions& options) {
    if (const Status started = node_.start(); !started) {
        return "node: " + started.error().message();
    }
    if (options.relay) {
        if (const Status set = node_.set_relay(*options.relay); !set) {
            return "relay: " + set.error().message();
        }
    }
    carrier_.start(options.carrier_port, options.init || options.join);
    imported_.start();
    dns_.start();
    routes_.start();
    audit_.start();
    remedy_.start();
    feeds_.start();
    traces_.start(options.traces);
    handling_.prepare();
    defence_.start();
    handling_.start();
    intake_.start();
    api_.start(options.api, options.init || options.join);
    if (const Status listening = server_.start(); !listening) {
        return "control socket: " + listening.error().message();
    }
    return std::nullopt;
}

void NodeService::tick() {
    node_.tick();
    carrier_.tick();
    dns_.tick();
    routes_.tick();
    reach_.tick();
    remedy_.tick();
    feeds_.tick();
    defence_.tick();
    intake_.tick();
    handling_.tick();
    api_.tick();
    audit_.tick();
    look_at_traffic();
}

void NodeService::look_at_traffic() {
    const Instant now = monotonic_now();
    if (!history_.is_due(now)) {
        return;
    }
    std::vector<TrafficHistory::Reading> readings;
    for (const MeshNode::PeerView& each : node_.peers()) {
        const bool has_rtt = each.linked && each.link->rtt;
        readings.push_back({
            .name = std::string(each.record->certificate.name.text()),
            .linked = each.linked,
            .received_bytes = each.received_bytes,
            .sent_bytes = each.sent_bytes,
            .rtt_ms = has_rtt
                          ? std::optional(
                                std::chrono::duration<double, std::milli>(*each.link->rtt).count()
                            )
                          : std::nullopt,
            .loss = each.linked ? each.link->loss : 0.0,
        });
    }
    history_.read(now, wall_now(), readings);
}

Instant NodeService::deadline() const {
    const Duration wait(defence_.next_due().ns - wall_now().ns);
    // The wall clock may be set meanwhile; the node's own turns come often enough.
    return wait > kTickInterval ? node_.deadline()
                                : std::min(node_.deadline(), monotonic_now() + wait);
}

void NodeService::reload() {
    node_.look_at_endpoints();
    dns_.reload();
    feeds_.reload();
    intake_.reload();
    defence_.reload();
    handling_.reload();
    api_.reload();
}

boost::json::object NodeService::answer(
    const boost::json::object& request, std::string_view origin
) {
    boost::json::object answered = answer(request);
    if (auto entry = audit_entry_of(request, answered, origin, wall_now())) {
        audit_.note(std::move(*entry));
        audit_.flush();
    }
    return answered;
}

boost::json::object NodeService::answer(const boost::json::object& request) {
    const std::string verb = verb_of(request);
    if (verb.starts_with("dns.")) {
        return dns_.answer(verb);
    }
    if (verb.starts_with("import.")) {
        return imported_.answer(request);
    }
    if (verb.starts_with("route.")) {
        return routes_.answer(request);
    }
    if (RemedyService::is_verb(verb)) {
        json::object answered = remedy_.answer(request);
        const std::int64_t incident = fields::number_at(request, "incident", 0);
        const std::int64_t action = fields::number_at(answered, "number", 0);
        if ((verb == "act" || verb == "block") && incident > 0 && action > 0) {
            defence_.adopt(
                static_cast<std::uint64_t>(incident), static_cast<std::uint64_t>(action)
            );
        }
        return answered;
    }
    if (DefenceService::is_verb(verb)) {
        return defence_.answer(request);
    }
    if (FlowService::is_verb(verb)) {
        return flows_.answer(request);
    }
    if (HandlingService::is_verb(verb)) {
        return handling_.answer(request);
    }
    if (AuditService::is_verb(verb)) {
        return audit_.answer(request);
    }
    if (FeedService::is_verb(verb)) {
        return feeds_.answer(request);
    }
    if (ApiService::is_verb(verb)) {
        return api_.answer(request);
    }
    if (verb == "metrics") {
        return metrics_.answer(request);
    }
    if (verb == "health") {
        return {{"schema", "phantom.health/1"}, {"started", started_}, {"ready", node_.ready()}};
    }
    if (verb == "history") {
        const std::string peer = fields::text_at(request, "peer");
        const auto name_of = [](const MeshNode::PeerView& each) {
            return each.record->certificate.name.text();
        };
        const auto peers = node_.peers();
        return history_.answer(request, std::ranges::find(peers, peer, name_of) != peers.end());
    }
    if (verb == "inputs") {
        return intake_.answer();
    }
    if (verb == "netcheck") {
        return netcheck(node_, reach_.view());
    }
    auto answer = answer_control(request, node_, stop_);
    return verb == "status" ? status(std::move(answer)) : answer;
}

boost::json::object NodeService::status(boost::json::object answer) {
    answer["started"] = started_;
    answer["routes"] = routes_.describe();
    auto& self = answer.at("self").as_object();
    self["carrier"] = carrier_.describe();
    self["api"] = api_.describe();
    carrier_.describe_into(answer.at("peers").as_array());
    imported_.describe_into(answer.at("peers").as_array());
    if (!has_v4_) {
        drop_v4(answer);
    }
    return answer;
}

}  // namespace phantom::daemon
