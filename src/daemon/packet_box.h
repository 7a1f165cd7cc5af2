#pragma once

// The last packets that the watcher saw, shared with who collects evidence: the ring outlives the watcher.

#include <mutex>

#include "evidence/packet_ring.h"

namespace phantom::daemon {

class PacketBox {
  public:
    // The watcher's thread.
    void push(evidence::PacketDirection direction, Instant at, ByteView packet) {
        const std::scoped_lock lock(mutex_);
        ring_.push(direction, at, packet);
    }
    // Any other; the watcher waits meanwhile, and the tap's ring takes what comes.
    [[nodiscard]] evidence::PacketRing::Capture capture_of(const wire::Address& subject) const {
        const std::scoped_lock lock(mutex_);
        return ring_.capture_of(subject, monotonic_now(), wall_now());
    }
    // Until `visit` says false.
    void heads(const std::function<bool(ByteView)>& visit) const {
        const std::scoped_lock lock(mutex_);
        ring_.heads(monotonic_now(), visit);
    }

  private:
    mutable std::mutex mutex_;
    evidence::PacketRing ring_;
};

}  // namespace phantom::daemon
