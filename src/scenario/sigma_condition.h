#pragma once

// `selection and not 1 of filter_*`: the condition of a rule as a tree over the numbers of its selections.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/flaw.h"

namespace phantom::scenario {

inline constexpr std::size_t kConditionSizeMax = 4U << 10U;
inline constexpr std::size_t kConditionDepthMax = 32;
inline constexpr std::size_t kConditionNodesMax = 4'096;

class SigmaCondition {
  public:
    // `names` are the rule's selections; what the condition says of others is a flaw.
    [[nodiscard]] static OrFlaw<SigmaCondition> parse(
        std::string_view text, const std::vector<std::string>& names
    );

    // `selected` says whether the selection with that number holds; it is asked no more than it has to be.
    [[nodiscard]] bool holds(const std::function<bool(std::size_t)>& selected) const;

  private:
    friend class SigmaConditionParser;
    enum class Kind : std::uint8_t { kSelection, kNot, kAll, kAny };
    struct Node {
        Kind kind = Kind::kSelection;
        std::size_t selection = 0;
        std::vector<Node> parts;
    };
    [[nodiscard]] static bool holds(
        const Node& node, const std::function<bool(std::size_t)>& selected
    );

    Node root_;
};

}  // namespace phantom::scenario
