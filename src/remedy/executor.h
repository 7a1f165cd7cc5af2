#pragma once

// Who acts on the world: reads how it is with a target, and makes it so. An interface, so that the
// engine's tests can stop the world at any moment.

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "remedy/action.h"
#include "remedy/errors.h"

namespace phantom::remedy {

using Conditions = std::map<Target, Condition>;

class ExecutorInterface {
  public:
    ExecutorInterface() = default;
    ExecutorInterface(const ExecutorInterface&) = delete;
    ExecutorInterface& operator=(const ExecutorInterface&) = delete;
    virtual ~ExecutorInterface() = default;

    // Why it could not be, before anything is written down.
    [[nodiscard]] virtual Status check(const Target& /*target*/) { return {}; }
    // A time is exact to kTimeTolerance.
    [[nodiscard]] virtual Result<Condition> read(const Target& target, WallTime now) = 0;
    // All or nothing: in one transaction of the kernel.
    [[nodiscard]] virtual Status write(
        const Target& target, const Condition& condition, WallTime now
    ) = 0;
    // Of all targets that are in force.
    [[nodiscard]] virtual Result<Conditions> read_all(WallTime now) = 0;
};

// Who does what. None: what the machine cannot do, or cannot do now.
class Executors {
  public:
    // It outlives this.
    void add(Executor executor, KeyKind kind, ExecutorInterface& acts) {
        places_[index_of(executor, kind)] = &acts;
    }
    // kNoExecutor.
    [[nodiscard]] Result<ExecutorInterface*> find(const Target& target) const {
        ExecutorInterface* found = places_[index_of(target.executor, target.kind())];
        if (found == nullptr) {
            return fail(RemedyError::kNoExecutor);
        }
        return found;
    }
    // Each once.
    [[nodiscard]] std::vector<ExecutorInterface*> all() const {
        std::vector<ExecutorInterface*> found;
        for (ExecutorInterface* each : places_) {
            if (each != nullptr && std::ranges::find(found, each) == found.end()) {
                found.push_back(each);
            }
        }
        return found;
    }

  private:
    [[nodiscard]] static std::size_t index_of(Executor executor, KeyKind kind) {
        return (static_cast<std::size_t>(executor) - 1) * kKeyKindCount +
               static_cast<std::size_t>(kind);
    }
    std::array<ExecutorInterface*, kExecutorCount * kKeyKindCount> places_{};
};

// The kernel counts what is left in its own ticks from the moment at which it hears of it.
inline constexpr Duration kTimeTolerance = 2s;

[[nodiscard]] inline bool agree(const Condition& a, const Condition& b) {
    if (a.in_force != b.in_force) {
        return false;
    }
    if (!a.until || !b.until) {
        return !a.until && !b.until;
    }
    return std::chrono::abs(Duration(a.until->ns - b.until->ns)) <= kTimeTolerance;
}

}  // namespace phantom::remedy
