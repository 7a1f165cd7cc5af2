#pragma once

// The stages that a finding goes through, the time that each may take, and whoever measures it. The pipeline itself has no
// clock: it says when a stage is over, and who listens looks at his own.

#include <array>
#include <cstdint>
#include <string_view>

#include "base/clock.h"

namespace phantom::respond {

enum class Stage : std::uint8_t {
    kQueue,  // seen, and waiting for the control thread
    kFold,   // from here to kDecide: Pipeline::step()
    kGather,
    kAssess,
    kAlert,
    kIncident,
    kDecide,
    kAct,       // an action, with what is written down before and after it
    kTell,      // into the groups of those who are to be told
    kEvidence,  // an incident, from its opening to evidence that is sealed
    kCount,
};
inline constexpr std::size_t kStageCount = static_cast<std::size_t>(Stage::kCount);

struct StageBudget {
    std::string_view name;
    Duration p99;
};
// docs/metrics.md has them for people.
inline constexpr std::array<StageBudget, kStageCount> kStageBudgets{{
    {"queue", std::chrono::milliseconds(5)},
    {"fold", std::chrono::microseconds(100)},
    {"gather", std::chrono::microseconds(100)},
    {"assess", std::chrono::microseconds(100)},
    {"alert", std::chrono::microseconds(100)},
    {"incident", std::chrono::microseconds(100)},
    {"decide", std::chrono::microseconds(100)},
    {"act", std::chrono::milliseconds(10)},
    {"tell", std::chrono::milliseconds(2)},
    {"evidence", std::chrono::milliseconds(50)},
}};
// From the packet to all that is done about it, and to an action in force.
inline constexpr Duration kFindingBudget = std::chrono::milliseconds(5);

class StageWatch {
  public:
    StageWatch() = default;
    StageWatch(const StageWatch&) = delete;
    StageWatch& operator=(const StageWatch&) = delete;
    virtual ~StageWatch() = default;

    // The next stage begins now.
    virtual void begin() = 0;
    // It is over, and another may begin.
    virtual void passed(Stage stage) = 0;
};

}  // namespace phantom::respond
