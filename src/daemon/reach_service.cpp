#include "daemon/reach_service.h"

#include "base/log.h"

namespace phantom::daemon {

ReachService::ReachService(
    MeshNode& node, io::EventLoop& loop, Random& random, const Wanted& wanted
)
    : node_(node), wanted_(wanted), mapping_(loop, random) {}

void ReachService::tick() {
    const Instant now = monotonic_now();
    const std::uint64_t changes = node_.network_changes();
    if (now >= next_look_ || changes != changes_seen_) {
        changes_seen_ = changes;
        look_around(now);
    }
    mapping_.tick(now);
    tell_mapping();
}

void ReachService::look_around(Instant now) {
    next_look_ = now + kGatewayInterval;
    if (wanted_.port_mapping) {
        mapping_.set_gateway(
            io::default_gateway(), node_.state().membership.listen_port, now
        );
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
