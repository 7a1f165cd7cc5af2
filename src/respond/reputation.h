#pragma once

// What feeds say of somebody, as a judgement takes it, and as people read it.

#include <string>
#include <vector>

#include "assess/evidence.h"
#include "intel/snapshot.h"

namespace phantom::respond {

// Who asks for something listed may be its victim, and not an attacker: what is said of the other counts so much
// against him (by rule of thumb).
inline constexpr double kContactShare = 0.5;

struct Reputation {
    std::vector<assess::FeedHit> hits;
    std::vector<std::string> feeds;  // "ipsum (3 lists, 5 d old)"

    [[nodiscard]] bool empty() const { return hits.empty(); }
    // All feeds, in one line.
    [[nodiscard]] std::string to_string() const;
};

// `share`: of their confidence.
[[nodiscard]] Reputation reputation_from(
    const intel::HitList& hits, WallTime now, double share = 1
);

}  // namespace phantom::respond
