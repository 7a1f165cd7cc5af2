#pragma once

// A regular expression, compiled, with limits: no line makes a search go on for long.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenario/flaw.h"

namespace phantom::scenario {

inline constexpr std::size_t kPatternSizeMax = 64U << 10U;
// Steps of one search. A real line of a web server takes some thousands.
inline constexpr std::uint32_t kPatternStepsMax = 500'000;
inline constexpr std::uint32_t kPatternHeapMaxKiB = 4096;

class Pattern {
  public:
    [[nodiscard]] static OrFlaw<Pattern> compile(std::string_view text);

    enum class Outcome : std::uint8_t {
        kMatch,
        kNone,
        kGaveUp  // a limit was reached
    };
    // `groups[n]` is what the n-th parentheses took; null data where they took nothing.
    Outcome search(std::string_view in, std::vector<std::string_view>& groups) const;
    [[nodiscard]] Outcome search(std::string_view in) const;

    // Of groups that have a name; a name may stand for several.
    struct Name {
        std::string name;
        std::size_t group;
    };
    [[nodiscard]] std::vector<Name> names() const;

  private:
    explicit Pattern(std::shared_ptr<void> code) : code_(std::move(code)) {}

    std::shared_ptr<void> code_;
};

}  // namespace phantom::scenario
