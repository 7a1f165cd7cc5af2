#include "wireguard/device.h"

#include "base/assert.h"
#include "wireguard/device_impl.h"

namespace phantom::wireguard {

void Actions::clear() {
    forwarding_changed = false;
    sends.clear();
    keepalives.clear();
    flush_staged.clear();
    drop_staged.clear();
    began.clear();
    wanted.clear();
    retired.clear();
}

Device::Impl::Impl(const DeviceOptions& options, Random& random)
    : options_(options),
      random_(random),
      admission_(crypto::PublicKey{}, random),
      indices_(options.shard_count) {
    PM_ASSERT(options.shard_count <= kShardCountMax);
    auto made = std::make_shared<Forwarding>();
    made->allowed_ips = std::make_shared<const AllowedIps>(std::vector<AllowedIps::Entry>{});
    made->relays = std::make_shared<const RelayTable>();
    made->sessions = std::make_shared<SessionTable>(indices_.slot_count());
    forwarding_ = std::move(made);
}

void Device::Impl::up(Instant now, Actions& actions) {
    if (is_up_) {
        return;
    }
    is_up_ = true;
    for (const auto& [id, peer] : peers_) {
        if (peer->persistent_keepalive_s > 0) {
            peer->timers.persistent_keepalive_due =
                now + std::chrono::seconds(peer->persistent_keepalive_s);
            send_keepalive(*peer, now, actions);
            reschedule(*peer);
        }
    }
}

void Device::Impl::down(Actions& actions) {
    is_up_ = false;
    for (const auto& [id, peer] : peers_) {
        stop_peer(*peer, actions);
    }
}

Device::Device(const DeviceOptions& options, Random& random)
    : impl_(std::make_unique<Impl>(options, random)) {}

Device::~Device() = default;

Status Device::apply(const DeviceUpdate& update, Instant now, Actions& actions) {
    PM_TRY(impl_->check(update));
    impl_->apply(update, now, actions);
    return {};
}

DeviceStatus Device::status() const {
    return impl_->status();
}

const DeviceCounters& Device::counters() const {
    return impl_->counters();
}

void Device::up(Instant now, Actions& actions) {
    impl_->up(now, actions);
}

void Device::down(Actions& actions) {
    impl_->down(actions);
}

void Device::receive(
    ByteView datagram, const wire::Endpoint& from, std::size_t queue_depth, Instant now,
    WallTime wall, Actions& actions
) {
    impl_->receive(datagram, from, queue_depth, now, wall, actions);
}

void Device::report(const PathReport& report, Instant now, WallTime wall, Actions& actions) {
    impl_->report(report, now, wall, actions);
}

Instant Device::deadline() const {
    return impl_->deadline();
}

void Device::tick(Instant now, WallTime wall, Actions& actions) {
    impl_->tick(now, wall, actions);
}

const Forwarding& Device::forwarding() const {
    return impl_->forwarding();
}

PeerPath* Device::find_path(PeerId peer) const {
    return impl_->find_path(peer);
}

PeerPath* Device::find_path(const crypto::PublicKey& peer) const {
    return impl_->find_path(peer);
}

std::optional<crypto::PublicKey> Device::public_key_of(PeerId peer) const {
    return impl_->public_key_of(peer);
}

void Device::forget_sources(Actions& actions) {
    impl_->forget_sources(actions);
}

}  // namespace phantom::wireguard
