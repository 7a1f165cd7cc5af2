#include "daemon/reach_service.h"

#include "base/log.h"
#include "identity/labels.h"
#include "wire/relay_frame.h"

namespace phantom::daemon {

namespace {

// The root's key is told inside sessions only, so it is what members know and others do not.
LanBeacons::Membership own_membership(const MeshNode& node) {
    return {
        .shared =
            identity::labelled_hash(identity::kBeaconLabel, node.state().membership.root.encoded()),
        .self = wire::hop_id(node.mesh().self().certificate.node.bytes.data()),
        .interface = node.state().membership.interface,
        .port = node.state().membership.listen_port,
    };
}

}  // namespace

ReachService::ReachService(
    MeshNode& node, io::EventLoop& loop, Random& random, const Wanted& wanted
)
    : node_(node),
      wanted_(wanted),
      mapping_(loop, random),
      beacons_(
          loop, random, own_membership(node),
          [&node](const reach::LanDiscovery::Neighbour& heard) {
              node.notice(heard.member, heard.endpoint);
          }
      ) {}

void ReachService::tick() {
    const Instant now = monotonic_now();
    const std::uint64_t changes = node_.network_changes();
    if (now >= next_look_ || changes != changes_seen_) {
        changes_seen_ = changes;
        look_around(now);
    }
    mapping_.tick(now);
    beacons_.tick(now);
    tell_mapping();
}

void ReachService::look_around(Instant now) {
    next_look_ = now + kGatewayInterval;
    if (wanted_.port_mapping) {
        mapping_.set_gateway(io::default_gateway(), node_.state().membership.listen_port, now);
    }
    if (wanted_.lan_discovery) {
        beacons_.follow_interfaces(now);
    }
}

void ReachService::tell_mapping() {
    const auto mapping = mapping_.mapping();
    if (mapping == told_) {
        return;
    }
    told_ = mapping;
    if (mapping) {
        log::info(
            "the router maps {} to us ({})", mapping->outer.to_string(),
            reach::name_of(mapping->protocol)
        );
    } else {
        log::info("the router maps no port to us any more");
    }
    node_.set_mapped_endpoint(
        mapping ? std::optional(mapping->outer) : std::optional<wire::SocketAddress>()
    );
}

void ReachService::stop() {
    mapping_.stop();
}

}  // namespace phantom::daemon
