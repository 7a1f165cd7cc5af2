#include "daemon/flow_service.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "daemon/control_server.h"
#include "daemon/json_fields.h"
#include "fields/fields.h"
#include "incident/record.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

using dataplane::TapDirection;

constexpr std::int64_t kFlowsToldByDefault = 100;

WallTime wall_time_of(Instant at, Instant now, WallTime wall) {
    return {wall.ns - (now - at).count()};
}

std::string protocol_text(std::uint8_t protocol) {
    switch (protocol) {
        case wire::kProtocolTcp:
            return "tcp";
        case wire::kProtocolUdp:
            return "udp";
        case policy::kProtocolIcmp:
        case policy::kProtocolIcmpV6:
            return "icmp";
        default:
            return std::to_string(protocol);
    }
}

bool has_ports(std::uint8_t protocol) {
    return protocol == wire::kProtocolTcp || protocol == wire::kProtocolUdp;
}

std::string application_text(const WatchedFlow& flow) {
    const bool is_known = flow.application != detect::AppProtocol::kUnknown &&
                          flow.application != detect::AppProtocol::kFailed;
    return is_known ? std::string(detect::name_of(flow.application)) : "";
}

std::optional<wire::Address> parsed_address(const std::string& text) {
    const auto parsed = wire::Address::parse(text);
    return parsed ? std::optional(*parsed) : std::nullopt;
}

// The kernel says of a socket only what is here and what is there.
policy::Flow flow_of_kernel(const SeenFlow& seen) {
    const policy::Flow flow{
        .source = seen.from.address,
        .destination = seen.to.address,
        .source_port = seen.from.port,
        .destination_port = seen.to.port,
        .protocol = seen.protocol,
    };
    return looks_like_answer(flow.source_port, flow.destination_port) ? flow.reversed() : flow;
}

// The newest of what is put in, and how many there were.
template <class Value>
class Newest {
  public:
    Newest(std::size_t count, std::uint64_t before) : count_(count), before_(before) {}
    void add(std::uint64_t number, const Value& value) {
        ++all_;
        const bool is_wanted =
            number < before_ && (kept_.size() < count_ || number > kept_.begin()->first);
        if (is_wanted) {
            kept_.emplace(number, value);
            if (kept_.size() > count_) {
                kept_.erase(kept_.begin());
            }
        }
    }
    [[nodiscard]] const std::map<std::uint64_t, Value>& kept() const { return kept_; }
    [[nodiscard]] std::size_t all() const { return all_; }

  private:
    std::size_t count_;
    std::uint64_t before_;
    std::size_t all_ = 0;
    std::map<std::uint64_t, Value> kept_;
};

}  // namespace

// Whose an address is: a member's, or of a network that a member carries for this node.
struct FlowService::Names {
    explicit Names(const MeshNode& node) {
        const auto& self = node.mesh().self();
        own.insert(self.descriptor.overlay_v6());
        if (!self.certificate.overlay_v4.is_none()) {
            own.insert(self.certificate.overlay_v4);
        }
        for (const wire::Address& each : own) {
            members[each] = self.certificate.name.text();
        }
        for (const policy::Member& member : node.policy_members()) {
            for (const wire::Address& each : member.addresses) {
                members[each] = member.name;
            }
        }
        for (const MeshNode::PeerView& peer : node.peers()) {
            for (const wire::Prefix& each :
                 node.routes_by(peer.record->descriptor.keys.wireguard)) {
                routes.emplace_back(each, peer.record->certificate.name.text());
            }
        }
        // The narrowest decides.
        std::ranges::sort(routes, [](const auto& one, const auto& other) {
            return std::pair(-one.first.length, one.second) <
                   std::pair(-other.first.length, other.second);
        });
    }

    // Empty: no member has it.
    [[nodiscard]] std::string member(const wire::Address& address) const {
        const auto found = members.find(address);
        return found == members.end() ? "" : found->second;
    }
    // The member beyond this node by whom it is reached.
    [[nodiscard]] std::string peer(const wire::Address& address) const {
        if (own.contains(address)) {
            return "";
        }
        if (const auto found = members.find(address); found != members.end()) {
            return found->second;
        }
        const auto route = std::ranges::find_if(routes, [&](const auto& each) {
            return each.first.contains(address);
        });
        return route == routes.end() ? "" : route->second;
    }
    [[nodiscard]] std::string peer_of(const WatchedFlow& flow) const {
        const bool is_in = flow.began == TapDirection::kIn;
        const std::string first = peer(is_in ? flow.flow.source : flow.flow.destination);
        return first.empty() ? peer(is_in ? flow.flow.destination : flow.flow.source) : first;
    }

    std::set<wire::Address> own;
    std::map<wire::Address, std::string> members;
    std::vector<std::pair<wire::Prefix, std::string>> routes;
};

struct FlowService::Wish {
    explicit Wish(const json::object& request)
        : peer(fields::text_at(request, "peer")),
          protocol(fields::text_at(request, "protocol")),
          application(fields::text_at(request, "application")),
          state(fields::text_at(request, "state")),
          port(fields::number_at(request, "port", 0)),
          address(parsed_address(fields::text_at(request, "address"))) {}

    [[nodiscard]] bool covers(const WatchedFlow& flow, const Names& names) const {
        const auto is = [](const std::string& wanted, std::string_view value) {
            return wanted.empty() || wanted == value;
        };
        const bool has_address =
            !address || flow.flow.source == *address || flow.flow.destination == *address;
        const bool has_port =
            port == 0 || (has_ports(flow.flow.protocol) &&
                          (flow.flow.source_port == port || flow.flow.destination_port == port));
        return has_address && has_port && is(state, name_of(flow.state)) &&
               is(protocol, protocol_text(flow.flow.protocol)) &&
               is(application, application_text(flow)) &&
               (peer.empty() || peer == names.peer_of(flow));
    }

    std::string peer;
    std::string protocol;
    std::string application;
    std::string state;
    std::int64_t port;
    std::optional<wire::Address> address;
};

// What is not there any more is forgotten; what is new gets a number.
void FlowService::look_at_kernel(const Names& names, Instant now) {
    const CurrentFlows::All all = kernel_.all(kFlowsPatience);
    kernel_is_whole_ = all.is_whole;
    std::map<SeenFlow, WatchedFlow> there;
    box_->with([&](FlowWatch& watch) {
        for (const SeenFlow& seen : all.flows) {
            const bool is_of_mesh = names.members.contains(seen.from.address) ||
                                    names.members.contains(seen.to.address);
            const policy::Flow flow = flow_of_kernel(seen);
            // Without ports it would be one flow for all.
            if (!is_of_mesh || !has_ports(seen.protocol) || watch.knows(flow)) {
                continue;
            }
            if (there.size() >= kKernelFlowsMax) {
                kernel_is_whole_ = false;
                return;
            }
            const auto before = known_.find(seen);
            WatchedFlow& kept = there[seen];
            if (before != known_.end()) {
                kept = before->second;
            } else {
                kept.number = watch.take_number();
                kept.flow = flow;
                kept.since = now;
            }
            kept.began = names.own.contains(flow.source) ? TapDirection::kOut : TapDirection::kIn;
            kept.state = WatchedFlow::State::kOpen;
            kept.is_counted_whole = false;
            kept.last = now;
        }
    });
    known_ = std::move(there);
}

json::object FlowService::describe(const Told& told, const Names& names) const {
    const WatchedFlow& each = told.flow;
    const policy::Flow& flow = each.flow;
    const Instant now = monotonic_now();
    const WallTime wall = wall_now();
    const std::string from = names.member(flow.source);
    const std::string to = names.member(flow.destination);
    const bool begins_here = names.own.contains(flow.source);
    const bool ends_here = names.own.contains(flow.destination);
    json::object out{
        {"number", each.number},
        {"peer", names.peer_of(each)},
        {"direction", begins_here ? "out"
                      : ends_here ? "in"
                                  : "through"},
        {"protocol", protocol_text(flow.protocol)},
        {"from", flow.source.to_string()},
        {"from_name", from},
        {"from_port", has_ports(flow.protocol) ? flow.source_port : 0},
        {"to", flow.destination.to_string()},
        {"to_name", to},
        {"to_port", has_ports(flow.protocol) ? flow.destination_port : 0},
        {"state", name_of(each.state)},
        {"application", application_text(each)},
        {"name", each.name},
        {"packets_there", each.packets[0]},
        {"packets_back", each.packets[1]},
        {"bytes_there", each.bytes[0]},
        {"bytes_back", each.bytes[1]},
        {"counts_are_all", each.is_counted_whole},
        {"seen_by", told.by_kernel ? "kernel" : "watcher"},
        {"since", incident::time_text(wall_time_of(each.since, now, wall))},
        {"last", incident::time_text(wall_time_of(each.last, now, wall))},
        {"policy", "none"},
        {"grant_line", nullptr},
    };
    if (const policy::CompiledPolicy* policy = node_.policy()) {
        const auto grant = policy->grant_of(flow);
        out["policy"] = grant ? "allowed" : "denied";
        if (grant) {
            out["grant_line"] = policy->document().grants.at(*grant).at.line;
        }
    }
    return out;
}

json::object FlowService::answer(const json::object& request) {
    const Wish wish(request);
    if (!wish.address && !fields::text_at(request, "address").empty()) {
        return control_error("bad_request", "\"address\" is no IP address");
    }
    const std::int64_t count = fields::number_at(request, "count", kFlowsToldByDefault);
    const std::int64_t before =
        fields::number_at(request, "before", std::numeric_limits<std::int64_t>::max());
    if (count < 1 || count > std::int64_t{kFlowsToldMax} || before < 0) {
        return control_error("bad_request", fmt::format("\"count\" is 1 to {}", kFlowsToldMax));
    }
    const Instant now = monotonic_now();
    const Names names(node_);
    look_at_kernel(names, now);
    Newest<Told> newest(static_cast<std::size_t>(count), static_cast<std::uint64_t>(before));
    const auto take = [&](const WatchedFlow& flow, bool by_kernel) {
        if (wish.covers(flow, names)) {
            newest.add(flow.number, Told{.flow = flow, .by_kernel = by_kernel});
        }
    };
    box_->with([&](FlowWatch& watch) {
        watch.visit(now, [&](const WatchedFlow& flow) { take(flow, false); });
    });
    for (const auto& [seen, flow] : known_) {
        take(flow, true);
    }
    json::array flows;
    for (const auto& [number, told] : newest.kept()) {
        flows.push_back(describe(told, names));
    }
    return {
        {"schema", "phantom.flows/1"},
        {"flows", std::move(flows)},
        {"count", newest.all()},
        {"is_whole", kernel_is_whole_},
    };
}

}  // namespace phantom::daemon
