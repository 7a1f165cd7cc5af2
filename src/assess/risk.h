#pragma once

// Risk from 1.0 to 10.0, and what it is made of:
//
//     risk = round1(1 + 9 p (S / 10)^(1 - B / 2))
//
// p: how likely it is an attack (calibration.h). S: how severe that would be, 0 to 10. B: the share of what
// matters that is within reach (blast.h). More of any of them never gives less.

#include <cstdint>
#include <string>
#include <string_view>

namespace phantom::assess {

enum class Priority : std::uint8_t { kP1 = 1, kP2, kP3, kP4, kP5 };

[[nodiscard]] std::string_view name_of(Priority priority);  // "P1"

struct RiskFactors {
    double p = 0;         // 0 to 1
    double severity = 0;  // 0 to 10
    double blast = 0;     // 0 to 1
};

struct Risk {
    RiskFactors factors;
    double exponent = 1;         // 1 - B / 2: what is far-reaching counts as if it were more severe
    double severity_factor = 0;  // (S / 10)^exponent
    int tenths = 10;             // 10 to 100
    Priority priority = Priority::kP5;

    [[nodiscard]] double value() const { return tenths / 10.0; }
    // "7.1 (P2) = 1 + 9 x 0.93 x 0.73: confidence 0.93; severity 6.5 of 10 ..."
    [[nodiscard]] std::string to_string() const;
};

[[nodiscard]] Risk risk_of(const RiskFactors& factors);

}  // namespace phantom::assess
