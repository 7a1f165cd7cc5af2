#pragma once

// What this node does itself, in its data plane and its mesh: members isolated, slowed down, barred,
// given new keys, suspended; routes that it does not take. It lives in memory: the journal says at the
// start what of it is to be again.
//
// Thread: response. Bound: kActionsMax.

#include "remedy/executor.h"

namespace phantom::remedy {

// The node's side of it. Asked for each target by itself; who combines them is the node.
class NodeSwitches {
  public:
    NodeSwitches() = default;
    NodeSwitches(const NodeSwitches&) = delete;
    NodeSwitches& operator=(const NodeSwitches&) = delete;
    virtual ~NodeSwitches() = default;

    // kUnknownMember.
    [[nodiscard]] virtual Status check(const Target& target) = 0;
    // kNodeRefused.
    [[nodiscard]] virtual Status set(const Target& target, bool in_force) = 0;
    // What is at work, as far as can be seen.
    [[nodiscard]] virtual bool is_set(const Target& target) = 0;
};

class NodeActs final : public ExecutorInterface {
  public:
    // It outlives this.
    explicit NodeActs(NodeSwitches& switches) : switches_(switches) {}

    [[nodiscard]] Status check(const Target& target) override { return switches_.check(target); }
    [[nodiscard]] Result<Condition> read(const Target& target, WallTime now) override;
    [[nodiscard]] Status write(const Target& target, const Condition& condition, WallTime now)
        override;
    [[nodiscard]] Result<Conditions> read_all(WallTime now) override;

  private:
    NodeSwitches& switches_;
    Conditions written_;
};

}  // namespace phantom::remedy
