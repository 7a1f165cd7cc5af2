#pragma once

// Flows from packets: a bounded table, and a farewell for each flow when it is over. No I/O, no clock but
// the packets' own; one thread.
//
//     FlowTable table(random);
//     table.add(*facts_of(packet, time_us), [](const FlowRecord& flow, FlowEnd end) { ... });
//     table.end_all(farewell);

#include <cstdint>
#include <functional>
#include <list>
#include <unordered_map>

#include "base/random.h"
#include "ml/flow_record.h"
#include "ml/recent_flows.h"

namespace phantom::ml {

// Half a KiB each.
inline constexpr std::size_t kFlowsMax = 65'536;
// As NetFlow has them: silent for so long, and open for so long.
inline constexpr std::int64_t kFlowIdleUs = 60'000'000;
inline constexpr std::int64_t kFlowActiveUs = 1'800'000'000;
// Closed or reset: stragglers still are its own.
inline constexpr std::int64_t kFlowLingerUs = 2'000'000;

enum class FlowEnd : std::uint8_t {
    kIdle,
    kActive,  // it goes on as a new one
    kClosed,
    kEvicted,  // the table was full
    kEnd,      // of all there is
};
[[nodiscard]] std::string_view name_of(FlowEnd end);

class FlowTable {
  public:
    using Farewell = std::function<void(const FlowRecord&, FlowEnd)>;

    explicit FlowTable(Random& random) : hash_{random.next_u64()}, recent_(random.next_u64()) {}

    // Where it was counted; until the next call.
    const FlowRecord& add(const PacketFacts& packet, const Farewell& farewell);
    // What has been silent too long at `now_us`.
    void expire(std::int64_t now_us, const Farewell& farewell);
    // Oldest first.
    void end_all(const Farewell& farewell);

    [[nodiscard]] std::size_t size() const { return places_.size(); }
    [[nodiscard]] std::uint64_t evicted() const { return evicted_; }

  private:
    struct Key {
        wire::Address low;
        wire::Address high;
        std::uint16_t low_port = 0;
        std::uint16_t high_port = 0;
        std::uint8_t protocol = 0;
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct Hash {
        std::uint64_t seed = 0;
        std::size_t operator()(const Key& key) const;
    };
    struct Place {
        Key key;
        FlowRecord flow;
        bool lingers = false;  // in which list it is
    };
    using Order = std::list<Place>;

    [[nodiscard]] static Key key_of(const PacketFacts& packet);
    [[nodiscard]] Place& place_of(const PacketFacts& packet, const Farewell& farewell);
    void erase(Order::iterator place, FlowEnd end, const Farewell& farewell);

    Hash hash_;
    RecentFlows recent_;
    // Both by their newest packet, the oldest first: so nothing is ever searched.
    Order open_;
    Order lingering_;
    std::unordered_map<Key, Order::iterator, Hash> places_{0, hash_};
    std::uint64_t evicted_ = 0;
};

}  // namespace phantom::ml
