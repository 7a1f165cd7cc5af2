#pragma once

// A regular expression that has to match a whole text: PCRE2's syntax, with a bound on the work of a match.
// Copies share what a match writes to: one thread at a time.

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace phantom::alert {

inline constexpr std::size_t kPatternSizeMax = 1024;
inline constexpr std::uint32_t kPatternStepsMax = 10'000;
inline constexpr std::uint32_t kPatternHeapMaxKib = 256;

class Pattern {
  public:
    // What PCRE2 says where it is none.
    [[nodiscard]] static std::expected<Pattern, std::string> make(std::string_view text);

    // False too where it would take more than kPatternStepsMax.
    [[nodiscard]] bool matches(std::string_view text) const;

  private:
    struct Code;
    explicit Pattern(std::shared_ptr<const Code> code) : code_(std::move(code)) {}
    std::shared_ptr<const Code> code_;
};

}  // namespace phantom::alert
