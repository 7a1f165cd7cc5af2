#include "assess/risk.h"

#include <cmath>

#include <fmt/format.h>

#include "base/assert.h"

namespace phantom::assess {

namespace {

// The least risk of each, in tenths.
constexpr int kP1Tenths = 90;
constexpr int kP2Tenths = 70;
constexpr int kP3Tenths = 50;
constexpr int kP4Tenths = 30;
constexpr double kP1Confidence = 0.9;  // who is woken at night is woken for something likely

Priority priority_of(int tenths, double p) {
    if (tenths >= kP1Tenths && p >= kP1Confidence) {
        return Priority::kP1;
    }
    if (tenths >= kP2Tenths) {
        return Priority::kP2;
    }
    if (tenths >= kP3Tenths) {
        return Priority::kP3;
    }
    return tenths >= kP4Tenths ? Priority::kP4 : Priority::kP5;
}

}  // namespace

std::string_view name_of(Priority priority) {
    switch (priority) {
        case Priority::kP1:
            return "P1";
        case Priority::kP2:
            return "P2";
        case Priority::kP3:
            return "P3";
        case Priority::kP4:
            return "P4";
        case Priority::kP5:
            return "P5";
    }
    return "unknown";
}

Risk risk_of(const RiskFactors& factors) {
    PM_ASSERT(factors.p >= 0 && factors.p <= 1);
    PM_ASSERT(factors.severity >= 0 && factors.severity <= 10);
    PM_ASSERT(factors.blast >= 0 && factors.blast <= 1);
    Risk risk;
    risk.factors = factors;
    risk.exponent = 1 - (factors.blast / 2);
    risk.severity_factor = std::pow(factors.severity / 10, risk.exponent);
    risk.tenths = static_cast<int>(std::lround(10 * (1 + (9 * factors.p * risk.severity_factor))));
    PM_ASSERT(risk.tenths >= 10 && risk.tenths <= 100);
    risk.priority = priority_of(risk.tenths, factors.p);
    return risk;
}

std::string Risk::to_string() const {
    return fmt::format(
        "{}.{} ({}) = 1 + 9 x {:.2f} x {:.2f}: confidence {:.2f}; severity {:.1f} of 10, to the "
        "power {:.2f} as {:.0f} % of what matters is within reach",
        tenths / 10, tenths % 10, name_of(priority), factors.p, severity_factor, factors.p,
        factors.severity, exponent, 100 * factors.blast
    );
}

}  // namespace phantom::assess
