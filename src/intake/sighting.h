#pragma once

// What was seen in a line: who, and how strongly it speaks for an attack. The component above makes a
// finding of it.

#include <string>

#include "scenario/overflow.h"
#include "scenario/sigma.h"
#include "wire/address.h"

namespace phantom::intake {

// Of a text that a line had a part in.
inline constexpr std::size_t kSightingTextMax = 400;

struct Sighting {
    enum class Kind : std::uint8_t {
        kScenario,   // behaviour over several lines
        kLog,        // a rule over one
        kSignature,  // another sensor's
    };

    Kind kind = Kind::kScenario;
    std::string
        rule;  // "crowdsec:crowdsecurity/ssh-bf", "sigma:5013...", "eve:1:2010935", "zeek:Scan::Port_Scan"
    std::string text;
    wire::Address subject;  // none: the line does not say, so it is of this machine
    wire::Address object;   // none: this machine
    double severity = 0;    // 0 to 10
    double llr = 0;
    std::string technique;  // "T1110", or ""
};

[[nodiscard]] Sighting sighting_of(const scenario::Overflow& overflow);
[[nodiscard]] Sighting sighting_of(
    const scenario::SigmaRules::Entry& entry, const scenario::SigmaRecord& record
);

// As a person can be shown it, and no longer than kSightingTextMax.
[[nodiscard]] std::string shown(std::string_view text);

}  // namespace phantom::intake
