#pragma once

#include <optional>

#include "scenario/bucket.h"
#include "scenario/overflow.h"

namespace phantom::scenario {

// Nothing where no event of the bucket says whom it is about.
[[nodiscard]] std::optional<Overflow> build_overflow(
    const BucketConfig& config, const Bucket& bucket, std::int64_t stop_ns
);

// What a scenario said, as an event for others.
[[nodiscard]] Value event_of(const Overflow& overflow, std::int64_t now_ns);

}  // namespace phantom::scenario
