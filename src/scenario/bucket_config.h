#pragma once

// A scenario as written: which events it takes, and when it speaks.

#include <cstdint>
#include <optional>
#include <string>

#include "scenario/expression.h"
#include "scenario/yaml.h"

namespace phantom::scenario {

inline constexpr std::int64_t kCapacityMax = 10'000;
// Ten days. So long, times so many, still is a number of nanoseconds.
inline constexpr std::int64_t kBucketDurationMaxNs = 864'000'000'000'000;
static_assert((kCapacityMax + 1) <= INT64_MAX / kBucketDurationMaxNs);
// How many scenarios, one speaking to the next, come of one line.
inline constexpr std::size_t kReprocessDepthMax = 4;

struct BucketConfig {
    enum class Type : std::uint8_t {
        kTrigger,      // speaks with each event
        kLeaky,        // when it is full, and it leaks
        kCounter,      // when its time is over
        kConditional,  // when a condition holds of what it has
    };

    std::string name;
    std::string description;
    Type type = Type::kTrigger;
    std::optional<Expression> filter;
    std::optional<Expression> group_by;
    std::optional<Expression> distinct;
    std::optional<Expression> condition;
    std::optional<Expression> cancel_on;
    std::optional<Expression> overflow_filter;
    std::optional<std::int64_t> capacity;  // none: without bound
    std::int64_t leak_ns = 0;              // one event leaks in this time
    std::int64_t duration_ns = 0;          // of a counter
    std::int64_t blackhole_ns = 0;         // it then keeps silent for so long
    std::size_t cache_size = 0;            // events kept; 0: as many as `capacity` says
    bool is_reprocessed = false;
    std::string scope = "Ip";
    std::optional<Expression> scope_value;
    Value labels;

    // How long after its last event it is empty.
    [[nodiscard]] std::int64_t lifetime_ns() const;
};

[[nodiscard]] OrFlaw<BucketConfig> build_scenario(const Yaml& yaml, const DataFiles& files);

}  // namespace phantom::scenario
