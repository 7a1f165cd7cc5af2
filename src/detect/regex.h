#pragma once

// A Perl-compatible expression, compiled, with limits: no input makes a search go on for long.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "detect/reason.h"

namespace phantom::detect {

inline constexpr std::uint32_t kRegexMatchLimit = 3500;
inline constexpr std::uint32_t kRegexDepthLimit = 1500;

class Regex {
  public:
    // `flags` of the kinds i, s, m, x, A, E and G.
    [[nodiscard]] static OrReason<Regex> compile(std::string_view pattern, std::string_view flags);

    struct Match {
        std::size_t begin = 0;
        std::size_t end = 0;
        // Of the first pair of parentheses; both 0 where there is none.
        std::size_t group_begin = 0;
        std::size_t group_end = 0;
    };
    // None: no match, or the limits were reached.
    [[nodiscard]] std::optional<Match> find(ByteView in, std::size_t from) const;

  private:
    struct Free {
        void operator()(void* code) const;
    };
    explicit Regex(void* code) : code_(code, Free{}) {}

    std::shared_ptr<void> code_;
};

}  // namespace phantom::detect
