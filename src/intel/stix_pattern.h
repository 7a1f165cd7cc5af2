#pragma once

// The pattern of a STIX indicator, as far as it means single observables: any of which is the indicator.
//
//     [ipv4-addr:value = '192.0.2.1' OR domain-name:value IN ('a.example', 'b.example')]
//
// Understood: one or more [...] joined by OR; in them =, IN, ISSUBSET (of networks), OR, parentheses; AND of hashes
// of one file, of which each alone tells which file it is. Everything else is refused with a reason and the place
// in the pattern, since half of a pattern would name what nobody meant.
// Source: STIX 2.1 section 9.

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace phantom::intel {

inline constexpr std::size_t kPatternSizeMax = 64U << 10U;
inline constexpr std::size_t kObservablesMax = 4'096;  // of a pattern
inline constexpr std::size_t kPatternDepthMax = 16;

enum class ObservableKind : std::uint8_t { kNetwork, kDomain, kUrl, kHash };

struct Observable {
    ObservableKind kind = ObservableKind::kNetwork;
    std::string value;  // as it stands there
    friend bool operator==(const Observable&, const Observable&) = default;
};

// The reason, with its column: "at 14: LIKE is not understood".
[[nodiscard]] std::expected<std::vector<Observable>, std::string> read_stix_pattern(
    std::string_view pattern
);

}  // namespace phantom::intel
