#include "daemon/imported_peers.h"

#include <fmt/format.h>

#include "base/log.h"
#include "daemon/control_server.h"
#include "fields/fields.h"
#include "io/link.h"
#include "io/routing.h"
#include "names/resolver.h"
#include "wireguard/constants.h"
#include "wireguard/key_text.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

constexpr const char* kFile = "imported.conf";

wireguard::PeerUpdate update_of(const wireguard::QuickPeer& peer) {
    wireguard::PeerUpdate update;
    update.public_key = peer.public_key;
    update.preshared_key = peer.preshared_key.value_or(crypto::Key{});
    update.endpoint = peer.endpoint;
    update.persistent_keepalive_s = peer.persistent_keepalive_s;
    update.replace_allowed_ips = true;
    for (const wire::Prefix& prefix : peer.allowed_ips) {
        update.allowed_ips.push_back({.prefix = prefix});
    }
    return update;
}

// The file's own address of the same family: the other side expects it, not the mesh's.
wire::Address source_for(const wire::Prefix& to, const wireguard::QuickConfig& config) {
    for (const wireguard::InterfaceAddress& each : config.addresses) {
        if (each.address.family == to.address.family) {
            return each.address;
        }
    }
    return {};
}

// A session is not used longer than this after its handshake.
bool is_alive(const wireguard::PeerStatus& peer) {
    return peer.last_handshake.ns != 0 &&
           Duration(wall_now().ns - peer.last_handshake.ns) < wireguard::kRejectAfterTime;
}

json::object describe(const wireguard::QuickPeer& peer, const wireguard::PeerStatus* live) {
    json::array addresses;
    for (const wire::Prefix& each : peer.allowed_ips) {
        addresses.emplace_back(each.to_string());
    }
    const bool alive = live != nullptr && is_alive(*live);
    json::object out;
    const std::string key = wireguard::key_text(peer.public_key);
    out["name"] = key;
    out["imported"] = true;
    out["public_key"] = key;
    out["addresses"] = std::move(addresses);
    out["path"] = alive ? "direct" : "none";
    out["endpoint"] = nullptr;
    if (live != nullptr && live->endpoint) {
        out["endpoint"] = live->endpoint->to_string();
    }
    out["rtt_ms"] = nullptr;
    out["post_quantum"] = {{"established", false}, {"since", nullptr}, {"policy", "off"}};
    out["sent_bytes"] = live != nullptr ? live->sent_bytes : 0;
    out["received_bytes"] = live != nullptr ? live->received_bytes : 0;
    return out;
}

}  // namespace

void ImportedPeers::start() {
    if (!context_.files.has(kFile)) {
        return;
    }
    const auto bytes = context_.files.read(kFile, wireguard::kQuickConfigSizeMax);
    if (!bytes) {
        log::error("{}: {}", kFile, bytes.error().message());
        return;
    }
    auto config = wireguard::parse_quick_config(
        {reinterpret_cast<const char*>(bytes->view().data()), bytes->view().size()}
    );
    if (!config) {
        log::error("{}:{}: {}", kFile, config.error().line, config.error().what);
        return;
    }
    // A member may have come since with a key or an address of one of them.
    std::erase_if(config->peers, [&](const wireguard::QuickPeer& peer) {
        const auto problem = refusal(peer);
        if (problem) {
            log::warning("an imported peer is left out: {}", *problem);
        }
        return problem.has_value();
    });
    if (const auto problem = apply(*config)) {
        log::error("imported peers: {}", *problem);
    }
    config_ = std::move(*config);
}

json::object ImportedPeers::answer(const json::object& request) {
    const std::string verb = fields::text_at(request, "verb");
    if (verb == "import.add") {
        return add(fields::text_at(request, "config"));
    }
    if (verb == "import.remove") {
        return remove(fields::text_at(request, "key"));
    }
    if (verb == "import.list") {
        return list();
    }
    return control_error("unknown_verb", "import.add, import.list or import.remove");
}

json::object ImportedPeers::add(std::string_view text) {
    auto added = wireguard::parse_quick_config(text);
    if (!added) {
        return control_error(
            "bad_request", fmt::format("line {}: {}", added.error().line, added.error().what)
        );
    }
    wireguard::QuickConfig merged = config_;
    for (const wireguard::InterfaceAddress& each : added->addresses) {
        if (is_of_mesh(wire::Prefix::of(each.address, each.prefix_length))) {
            return control_error(
                "refused", fmt::format("{} is of the mesh's own range", each.address.to_string())
            );
        }
        if (std::ranges::find(merged.addresses, each) == merged.addresses.end()) {
            merged.addresses.push_back(each);
        }
    }
    for (const wireguard::QuickPeer& peer : added->peers) {
        if (const auto problem = refusal(peer)) {
            return control_error("refused", *problem + "; nothing was imported");
        }
        std::erase_if(merged.peers, [&](const wireguard::QuickPeer& each) {
            return each.public_key == peer.public_key;
        });
        merged.peers.push_back(peer);
    }
    const bool fits = merged.peers.size() <= wireguard::kQuickPeersMax &&
                      format_quick_config(merged).size() <= wireguard::kQuickConfigSizeMax;
    if (!fits) {
        return control_error("refused", "that is more than one node takes; nothing was imported");
    }
    if (const auto problem = apply(*added)) {
        return control_error("refused", *problem);
    }
    config_ = std::move(merged);
    if (const auto problem = save()) {
        return control_error("refused", "imported, but for this run only: " + *problem);
    }
    json::object out = list();
    out["imported"] = added->peers.size();
    out["not_taken"] = json::array(added->not_taken.begin(), added->not_taken.end());
    return out;
}

json::object ImportedPeers::remove(std::string_view text) {
    const auto key = wireguard::parse_key_text(text);
    const auto at = key ? std::ranges::find(config_.peers, *key, &wireguard::QuickPeer::public_key)
                        : config_.peers.end();
    if (at == config_.peers.end()) {
        return control_error("not_found", "no imported peer has this key");
    }
    wireguard::DeviceUpdate update;
    wireguard::PeerUpdate& peer = update.peers.emplace_back();
    peer.public_key = at->public_key;
    peer.remove = true;
    (void)context_.tunnel.apply(update);
    for (const wire::Prefix& each : at->allowed_ips) {
        (void)io::remove_route(context_.tun_fd, each);
    }
    config_.peers.erase(at);
    if (const auto problem = save()) {
        return control_error("refused", "removed, but for this run only: " + *problem);
    }
    return list();
}

json::object ImportedPeers::list() const {
    json::array peers;
    describe_into(peers);
    json::array addresses;
    for (const wireguard::InterfaceAddress& each : config_.addresses) {
        addresses.emplace_back(fmt::format("{}/{}", each.address.to_string(), each.prefix_length));
    }
    const auto& own = context_.mesh.self().descriptor.keys.wireguard;
    return {
        {"schema", "phantom.import/1"},
        {"own_public_key", wireguard::key_text(own)},
        {"addresses", std::move(addresses)},
        {"peers", std::move(peers)},
    };
}

void ImportedPeers::describe_into(json::array& peers) const {
    const wireguard::DeviceStatus device = context_.tunnel.status().device;
    for (const wireguard::QuickPeer& peer : config_.peers) {
        const auto live =
            std::ranges::find(device.peers, peer.public_key, &wireguard::PeerStatus::public_key);
        peers.push_back(describe(peer, live == device.peers.end() ? nullptr : &*live));
    }
}

// The whole ranges, not only the addresses given out: a member that joins tomorrow, and the address
// of one that was put out, belong to nobody else either.
bool ImportedPeers::is_of_mesh(const wire::Prefix& prefix) const {
    const wire::Address own = context_.mesh.self().descriptor.overlay_v6();
    return prefix.overlaps(names::overlay_v4()) ||
           prefix.overlaps(wire::Prefix::of(own, identity::kOverlayV6PrefixLength));
}

std::optional<std::string> ImportedPeers::refusal(const wireguard::QuickPeer& peer) const {
    const bool own = peer.public_key == context_.mesh.self().descriptor.keys.wireguard;
    if (own || context_.mesh.directory().find(peer.public_key) != nullptr) {
        return fmt::format(
            "{} is the key of a member, which needs no import", wireguard::key_text(peer.public_key)
        );
    }
    for (const wire::Prefix& prefix : peer.allowed_ips) {
        if (is_of_mesh(prefix)) {
            return fmt::format(
                "AllowedIPs {} overlaps the mesh's own addresses (100.64.0.0/10 and its /64); name "
                "narrower ones",
                prefix.to_string()
            );
        }
    }
    return std::nullopt;
}

std::optional<std::string> ImportedPeers::apply(const wireguard::QuickConfig& config) const {
    wireguard::DeviceUpdate update;
    for (const wireguard::QuickPeer& peer : config.peers) {
        update.peers.push_back(update_of(peer));
    }
    if (const auto applied = context_.tunnel.apply(update); !applied) {
        return applied.error().message();
    }
    for (const wireguard::InterfaceAddress& each : config.addresses) {
        if (const auto added = io::add_address(context_.tun_fd, each.address, each.prefix_length);
            !added) {
            log::warning("{}: {}", each.address.to_string(), added.error().message());
        }
    }
    for (const wireguard::QuickPeer& peer : config.peers) {
        for (const wire::Prefix& prefix : peer.allowed_ips) {
            if (const auto added =
                    io::add_route(context_.tun_fd, prefix, source_for(prefix, config));
                !added) {
                log::warning("route to {}: {}", prefix.to_string(), added.error().message());
            }
        }
    }
    return std::nullopt;
}

std::optional<std::string> ImportedPeers::save() const {
    const std::string text = format_quick_config(config_);
    const auto saved = context_.files.write(
        kFile, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}
    );
    return saved ? std::nullopt : std::optional(saved.error().message());
}

}  // namespace phantom::daemon
