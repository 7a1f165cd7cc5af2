#pragma once

// threshold and detection_filter: how often a rule may speak, or must match before it does. A rule is known by
// its identity, so that what was counted outlives the rule set.

#include <cstdint>
#include <set>
#include <tuple>

#include "base/recent_table.h"
#include "detect/flow.h"
#include "detect/rule.h"

namespace phantom::detect {

inline constexpr std::size_t kThresholdsMax = 65'536;
inline constexpr std::size_t kUniquePortsMax = 1024;

class Thresholds {
  public:
    // Whether the match of the rule counts as one that is told.
    [[nodiscard]] bool admits(
        const Threshold& threshold, std::uint64_t rule, const Packet& packet, const Flow* flow
    );

  private:
    using Key = std::tuple<std::uint64_t, bool, wire::Address, wire::Address, std::uint64_t>;
    struct State {
        std::uint64_t begun_us = 0;
        std::uint64_t count = 0;
        std::uint64_t next = 0;  // backoff: tell at this count
        std::set<std::uint16_t> ports;
    };

    [[nodiscard]] static Key key_of(
        const Threshold& threshold, std::uint64_t rule, const Packet& packet, const Flow* flow
    );
    [[nodiscard]] static std::uint64_t counted(
        const Threshold& threshold, State& state, const Packet& packet
    );

    RecentTable<Key, State, kThresholdsMax> states_;
};

}  // namespace phantom::detect
