#pragma once

// Copies of inner packets for whoever watches: a ring of bytes between one shard and one watching thread.
// Full means dropped and counted; a shard never waits, and the tunnel lives on without a watcher.
//
// Of each flow the first kTapBytesPerFlow are copied, and what begins or ends a connection: attacks show
// there, and the bulk of a long transfer costs the shard a look into a table.

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/bytes.h"
#include "base/clock.h"
#include "dataplane/flow_hash.h"
#include "io/event_loop.h"
#include "wire/ip.h"

namespace phantom::dataplane {

inline constexpr std::size_t kTapRingSize = 4U << 20U;
// Of one direction of a flow.
inline constexpr std::uint32_t kTapBytesPerFlow = 256U << 10U;
inline constexpr std::size_t kTapFlowPlaces = 8'192;
// What has no beginning and no end is copied anew as often.
inline constexpr std::uint32_t kTapWindowS = 10;

enum class TapDirection : std::uint8_t { kIn, kOut };

struct TappedPacket {
    TapDirection direction = TapDirection::kIn;
    Instant time;
    ByteView bytes;  // an IP packet; super-packets whole, their checksums not filled in
};

class TapRing {
  public:
    // The shard. False: full, nothing was stored.
    [[nodiscard]] bool push(TapDirection direction, Instant now, ByteView packet);
    // The watcher. False: empty. The bytes stay until pop().
    [[nodiscard]] bool front(TappedPacket& packet);
    void pop();

  private:
    struct Header {
        std::uint32_t size = 0;  // of the packet; kSkip: on to the ring's beginning
        TapDirection direction = TapDirection::kIn;
        Instant time;
    };
    static constexpr std::uint32_t kSkip = UINT32_MAX;
    static constexpr std::size_t kAlignment = 16;
    static_assert(sizeof(Header) == kAlignment && (kTapRingSize & (kTapRingSize - 1)) == 0);

    // Of a packet with its header.
    [[nodiscard]] static constexpr std::size_t room_for(std::size_t packet) {
        return sizeof(Header) + (packet + kAlignment - 1) / kAlignment * kAlignment;
    }
    [[nodiscard]] std::uint8_t* at(std::size_t position) {
        return bytes_.get() + (position & (kTapRingSize - 1));
    }

    // 64: each side's own cache line.
    alignas(64) std::atomic<std::size_t> head_{0};
    std::size_t front_size_ = 0;  // the watcher's
    alignas(64) std::atomic<std::size_t> tail_{0};
    std::size_t known_head_ = 0;  // the shard's
    // Untouched until used: a node without a watcher pays no memory.
    alignas(64) std::unique_ptr<std::uint8_t[]> bytes_ =
        std::make_unique_for_overwrite<std::uint8_t[]>(kTapRingSize);
};

// How much of each flow was copied. Two flows that share a place forget each other, and are copied anew:
// nobody can make a flow be taken for one that was copied already (flow_hash.h).
class TapBudget {
  public:
    explicit TapBudget(const FlowHash& hash) : hash_(hash) {}
    // Whether this packet is one to copy; if so it counts.
    [[nodiscard]] bool wants(ByteView packet, const wire::IpPacket& ip, Instant now);

  private:
    struct Place {
        FlowPrint flow;
        std::uint32_t bytes = 0;
        std::uint32_t window = 0;
    };
    const FlowHash& hash_;
    std::unique_ptr<Place[]> places_ = std::make_unique<Place[]>(kTapFlowPlaces);
};

// Wakes the watcher when there is something, and only where it sleeps.
class TapWake {
  public:
    // A shard, once for a batch of which something was copied.
    void packets_came() {
        if (sleeps_.exchange(false)) {
            wake_.signal();
        }
    }
    // The watcher: then it looks once more, and only then sleeps on wake_up(). Both sides exchange, so one
    // of them sees what the other did.
    void will_sleep() { (void)sleeps_.exchange(true); }
    void awake() {
        (void)sleeps_.exchange(false);
        wake_.drain();
    }
    [[nodiscard]] io::WakeUp& wake_up() { return wake_; }

  private:
    std::atomic<bool> sleeps_{false};
    io::WakeUp wake_;
};

// What all shards and the watcher share.
struct Tap {
    std::atomic<bool> is_watched{false};
    TapWake wake;
};

// One shard's end.
class TapFeed {
  public:
    TapFeed(Tap& tap, const FlowHash& hash) : tap_(tap), budget_(hash) {}

    void begin_batch() { watched_ = tap_.is_watched.load(std::memory_order_relaxed); }
    // Counts in `full` what found no room.
    void copy(TapDirection direction, ByteView packet, const wire::IpPacket& ip, Instant now) {
        if (watched_ && budget_.wants(packet, ip, now)) {
            push(direction, packet, now);
        }
    }
    void end_batch() {
        if (std::exchange(copied_, false)) {
            tap_.wake.packets_came();
        }
    }
    [[nodiscard]] TapRing& ring() { return ring_; }
    [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

  private:
    void push(TapDirection direction, ByteView packet, Instant now);

    Tap& tap_;
    TapRing ring_;
    TapBudget budget_;
    bool watched_ = false;
    bool copied_ = false;
    std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace phantom::dataplane
