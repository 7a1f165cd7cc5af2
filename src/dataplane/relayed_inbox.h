#pragma once

// Datagrams that came over a relay, for the shard that owns their session. The relay's session
// belongs to one shard and the one inside it perhaps to another, so they change hands here: copied,
// bounded, under a lock that only relayed traffic takes.

#include <cstddef>
#include <mutex>
#include <vector>

#include "base/bytes.h"
#include "io/event_loop.h"
#include "wire/address.h"

namespace phantom::dataplane {

// Full: dropped, as a socket does.
inline constexpr std::size_t kRelayedBytesMax = 1U << 20U;
inline constexpr std::size_t kRelayedDatagramsMax = 1'024;

class RelayedInbox {
  public:
    struct Datagram {
        std::size_t offset;
        std::size_t size;
        wire::SocketAddress from;
    };
    struct Batch {
        std::vector<std::uint8_t> bytes;
        std::vector<Datagram> datagrams;
    };

    // Any shard. False: full.
    [[nodiscard]] bool add(ByteView datagram, const wire::SocketAddress& from) {
        bool first = false;
        {
            const std::scoped_lock lock(mutex_);
            if (waiting_.datagrams.size() == kRelayedDatagramsMax ||
                waiting_.bytes.size() + datagram.size() > kRelayedBytesMax) {
                return false;
            }
            first = waiting_.datagrams.empty();
            waiting_.datagrams.push_back({waiting_.bytes.size(), datagram.size(), from});
            waiting_.bytes.insert(waiting_.bytes.end(), datagram.begin(), datagram.end());
        }
        if (first) {
            wake_.signal();
        }
        return true;
    }

    // Its owner: all that waits, in order; `batch` gives its memory for the next.
    void take(Batch& batch) {
        batch.bytes.clear();
        batch.datagrams.clear();
        const std::scoped_lock lock(mutex_);
        std::swap(batch, waiting_);
    }

    explicit RelayedInbox(io::WakeUp& wake) : wake_(wake) {}

  private:
    io::WakeUp& wake_;
    std::mutex mutex_;
    Batch waiting_;
};

}  // namespace phantom::dataplane
