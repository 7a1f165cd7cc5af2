#pragma once

// How bad, and how strongly for an attack, a signature is that speaks: as its writer says in its metadata (the
// words of Emerging Threats), else by its priority. One mapping for our own rules and for other sensors' alerts.

#include <cstdint>
#include <optional>
#include <string_view>

namespace phantom::assess {

struct RuleWords {
    std::string_view severity;    // signature_severity: Critical, Major, Minor, Informational; ""
    std::string_view confidence;  // High, Medium, Low; ""
    // 1 is the most urgent; none: nobody says.
    std::optional<std::uint64_t> priority;
    bool drops = false;  // its writer had it drop packets
};

// 0 to 10.
[[nodiscard]] double severity_of(const RuleWords& rule);
// A log-likelihood ratio, by rule of thumb until verdicts say better: prior odds of 1 in 100 become even at 4.6.
[[nodiscard]] double llr_of(const RuleWords& rule);

}  // namespace phantom::assess
