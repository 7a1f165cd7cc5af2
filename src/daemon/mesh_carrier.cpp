#include "daemon/mesh_carrier.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/log.h"
#include "daemon/client_routes.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

constexpr const char* kPortFile = "carrier";
constexpr std::size_t kPortTextMax = 5;
constexpr std::string_view kOff = "off";
// Between two looks at who is to be called.
constexpr Duration kCarrierLookInterval = std::chrono::milliseconds(200);

std::vector<wire::SocketAddress> carrier_places(const identity::Descriptor& descriptor) {
    std::vector<wire::SocketAddress> places;
    if (descriptor.carrier_port() != 0) {
        for (wire::SocketAddress place : descriptor.endpoints) {
            place.port = descriptor.carrier_port();
            places.push_back(place);
        }
    }
    return places;
}

}  // namespace

std::optional<std::uint16_t> parse_carrier_port(std::string_view text) {
    if (text == kOff) {
        return std::uint16_t{0};
    }
    std::uint16_t port = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (problem != std::errc{} || end != text.data() + text.size() || port == 0) {
        return std::nullopt;
    }
    return port;
}

void MeshCarrier::start(std::optional<std::uint16_t> port, bool keep) {
    const std::uint16_t wanted = wanted_port(port, keep);
    auto started = carrier::Carrier::start({
        .tunnel_port = node_.state().membership.listen_port,
        .mark = kTunnelMark,
    });
    if (started) {
        carrier_ = std::move(*started);
        listen(wanted);
    } else {
        problem_ = started.error().message();
        log::warning("no way through TCP: {}", problem_);
    }
    if (const Status said = node_.set_carrier_port(port_); !said) {
        log::warning("the carrier's port is told to nobody: {}", said.error().message());
    }
}

std::uint16_t MeshCarrier::wanted_port(std::optional<std::uint16_t> port, bool keep) {
    identity::StateDirectory& files = node_.files();
    if (port) {
        const std::string text = *port == 0 ? std::string(kOff) : std::to_string(*port);
        if (keep && !files.write(
                        kPortFile, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}
                    )) {
            log::warning("the carrier's port is not kept for the next start");
        }
        return *port;
    }
    if (!files.has(kPortFile)) {
        return carrier::kDefaultPort;
    }
    if (const auto kept = files.read(kPortFile, kPortTextMax)) {
        const ByteView bytes = kept->view();
        if (const auto read =
                parse_carrier_port({reinterpret_cast<const char*>(bytes.data()), bytes.size()})) {
            return *read;
        }
    }
    log::warning("'{}' of the state directory names no port", kPortFile);
    return carrier::kDefaultPort;
}

void MeshCarrier::listen(std::uint16_t port) {
    if (port == 0) {
        problem_ = kOff;
        return;
    }
    const auto bound = carrier_->listen(port);
    if (!bound) {
        problem_ = fmt::format("TCP port {}: {}", port, bound.error().message());
        log::info("serves nobody by TCP. {}", problem_);
        return;
    }
    port_ = *bound;
    log::info("TCP port {} serves members whose network lets no UDP through", port_);
}

void MeshCarrier::tick() {
    const Instant now = monotonic_now();
    if (carrier_ == nullptr || now < next_look_) {
        return;
    }
    next_look_ = now + kCarrierLookInterval;
    take_news(now);
    mesh::CarriedLinks::Output out;
    links_.tick(members(now), now, out);
    for (const identity::NodeId& node : out.hang_ups) {
        node_.set_carried(node, {});
        std::erase_if(calls_, [&](const auto& each) {
            if (each.second == node) {
                carrier_->hang_up(each.first);
            }
            return each.second == node;
        });
    }
    for (const mesh::CarriedLinks::Call& call : out.calls) {
        log::debug("no answer over UDP: calling {} by TCP", call.place.to_string());
        calls_[carrier_->dial(call.place)] = call.node;
    }
}

void MeshCarrier::take_news(Instant now) {
    for (const carrier::News& news : carrier_->take_news()) {
        const auto at = calls_.find(news.id);
        if (at == calls_.end()) {
            continue;  // we have hung up
        }
        const identity::NodeId node = at->second;
        node_.set_carried(node, news.place);
        if (!news.place.address.is_none()) {
            links_.opened(node);
        } else {
            links_.ended(node, now);
            calls_.erase(at);
        }
    }
}

std::vector<mesh::CarriedLinks::Member> MeshCarrier::members(Instant now) const {
    const mesh::Node& mesh = node_.mesh();
    std::vector<mesh::CarriedLinks::Member> members;
    for (const identity::NodeId& node : mesh.wanted_links(now)) {
        const identity::Descriptor& descriptor = mesh.directory().find(node)->descriptor;
        members.push_back({
            .node = node,
            .way = mesh.way(node, now),
            .relay = descriptor.has(identity::Capability::kRelay),
            .places = carrier_places(descriptor),
        });
    }
    return members;
}

json::object MeshCarrier::describe() const {
    json::object out{{"port", nullptr}, {"problem", nullptr}};
    if (port_ != 0) {
        out["port"] = port_;
    } else {
        out["problem"] = problem_;
    }
    out["connections"] = carrier_ == nullptr ? 0 : carrier_->connection_count();
    return out;
}

void MeshCarrier::describe_into(json::array& peers) const {
    for (json::value& each : peers) {
        json::object& peer = each.as_object();
        const auto* path = peer.if_contains("path");
        const auto* place = peer.if_contains("endpoint");
        if (carrier_ == nullptr || path == nullptr || *path != "tcp" || place == nullptr ||
            !place->is_string()) {
            continue;
        }
        const auto text = std::string_view(place->get_string());
        const auto local = wire::SocketAddress::parse(text);
        const auto remote = local ? carrier_->remote_of(*local) : std::nullopt;
        peer["endpoint"] = remote ? json::value(remote->to_string()) : json::value(nullptr);
    }
}

}  // namespace phantom::daemon
