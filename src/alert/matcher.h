#pragma once

// What labels a route, a silence or an inhibition is about: severity="critical", team=~"db|web", owner!="".

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alert/labels.h"
#include "alert/pattern.h"

namespace phantom::alert {

inline constexpr std::size_t kMatcherSizeMax = 2048;
inline constexpr std::size_t kMatchersMax = 64;  // of one list

struct Matcher {
    enum class Kind : std::uint8_t { kEqual, kNotEqual, kMatches, kMatchesNot };

    std::string name;
    Kind kind = Kind::kEqual;
    std::string value;
    std::optional<Pattern> pattern;  // of the two kinds that need one

    // An absent label is an empty one.
    [[nodiscard]] bool matches(const Labels& labels) const;
    // name="value", which reads the same again.
    [[nodiscard]] std::string to_string() const;
};

using Matchers = std::vector<Matcher>;

// What is wrong with it otherwise.
[[nodiscard]] std::expected<Matcher, std::string> make_matcher(
    std::string_view name, Matcher::Kind kind, std::string_view value
);
// One, or several between braces or commas: {a="b", c=~"d"}. The value may go without quotes.
[[nodiscard]] std::expected<Matchers, std::string> parse_matchers(std::string_view text);

[[nodiscard]] bool match_all(const Matchers& matchers, const Labels& labels);

}  // namespace phantom::alert
