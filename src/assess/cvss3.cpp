#include "assess/cvss3.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace phantom::assess {

namespace {

// The weights are those of CVSS 3.1, section 7.4; 3.0 has the same.

double weight_of_attack_vector(char value) {
    switch (value) {
        case 'N':
            return 0.85;
        case 'A':
            return 0.62;
        case 'L':
            return 0.55;
        default:
            return 0.2;
    }
}

double weight_of_attack_complexity(char value) {
    return value == 'L' ? 0.77 : 0.44;
}

double weight_of_privileges(char value, bool scope_changed) {
    switch (value) {
        case 'N':
            return 0.85;
        case 'L':
            return scope_changed ? 0.68 : 0.62;
        default:
            return scope_changed ? 0.5 : 0.27;
    }
}

double weight_of_user_interaction(char value) {
    return value == 'N' ? 0.85 : 0.62;
}

double weight_of_impact(char value) {
    switch (value) {
        case 'H':
            return 0.56;
        case 'L':
            return 0.22;
        default:
            return 0;
    }
}

double weight_of_requirement(char value) {
    switch (value) {
        case 'H':
            return 1.5;
        case 'L':
            return 0.5;
        default:
            return 1;
    }
}

double weight_of_exploit_code_maturity(char value) {
    switch (value) {
        case 'F':
            return 0.97;
        case 'P':
            return 0.94;
        case 'U':
            return 0.91;
        default:
            return 1;
    }
}

double weight_of_remediation_level(char value) {
    switch (value) {
        case 'W':
            return 0.97;
        case 'T':
            return 0.96;
        case 'O':
            return 0.95;
        default:
            return 1;
    }
}

double weight_of_report_confidence(char value) {
    switch (value) {
        case 'R':
            return 0.96;
        case 'U':
            return 0.92;
        default:
            return 1;
    }
}

// CVSS 3.1, appendix A. 3.0 wants "the smallest number, specified to one decimal place, that is equal to or higher
// than its input" (section 8), which this is as well: in exact arithmetic none of the numbers that either version
// can come to lies above a tenth by less than 0.00002, other than not at all.
Score round_up(double value) {
    const auto scaled = static_cast<std::int64_t>(std::round(value * 100'000));
    const std::int64_t tenths = scaled % 10'000 == 0 ? scaled / 10'000 : (scaled / 10'000) + 1;
    return Score::of_tenths(static_cast<int>(tenths));
}

struct Exploit {
    char attack_vector;
    char attack_complexity;
    char privileges;
    char user_interaction;
};

double exploitability(const Exploit& exploit, bool scope_changed) {
    return 8.22 * weight_of_attack_vector(exploit.attack_vector) *
           weight_of_attack_complexity(exploit.attack_complexity) *
           weight_of_privileges(exploit.privileges, scope_changed) *
           weight_of_user_interaction(exploit.user_interaction);
}

// One vector, read three times.
class Cvss3Scorer {
  public:
    explicit Cvss3Scorer(const CvssVector& vector) : vector_(vector) {}

    [[nodiscard]] Cvss3Scores scores() const {
        const Score base_score = base();
        return {base_score, times_temporal(base_score), environmental()};
    }

  private:
    // Section 7.1.
    [[nodiscard]] Score base() const {
        const double missed = (1 - impact(Cvss3::kConfidentiality)) *
                              (1 - impact(Cvss3::kIntegrity)) * (1 - impact(Cvss3::kAvailability));
        const bool changed = vector_.at(Cvss3::kScope) == 'C';
        const double iss = 1 - missed;
        const double sub_score =
            changed ? (7.52 * (iss - 0.029)) - (3.25 * std::pow(iss - 0.02, 15)) : 6.42 * iss;
        return combined(
            sub_score,
            exploitability(
                {vector_.at(Cvss3::kAttackVector), vector_.at(Cvss3::kAttackComplexity),
                 vector_.at(Cvss3::kPrivilegesRequired), vector_.at(Cvss3::kUserInteraction)},
                changed
            ),
            changed
        );
    }

    // Section 7.2.
    [[nodiscard]] Score times_temporal(Score score) const {
        return round_up(
            score.value() *
            weight_of_exploit_code_maturity(vector_.at(Cvss3::kExploitCodeMaturity)) *
            weight_of_remediation_level(vector_.at(Cvss3::kRemediationLevel)) *
            weight_of_report_confidence(vector_.at(Cvss3::kReportConfidence))
        );
    }

    // Section 7.3.
    [[nodiscard]] Score environmental() const {
        const double missed = (1 - modified_impact(Cvss3::kConfidentiality)) *
                              (1 - modified_impact(Cvss3::kIntegrity)) *
                              (1 - modified_impact(Cvss3::kAvailability));
        const bool changed = modified(Cvss3::kScope) == 'C';
        const double miss = std::min(1 - missed, 0.915);
        const double sub_score = changed ? changed_impact(miss) : 6.42 * miss;
        return times_temporal(combined(
            sub_score,
            exploitability(
                {modified(Cvss3::kAttackVector), modified(Cvss3::kAttackComplexity),
                 modified(Cvss3::kPrivilegesRequired), modified(Cvss3::kUserInteraction)},
                changed
            ),
            changed
        ));
    }

    [[nodiscard]] double changed_impact(double miss) const {
        const double lessened = vector_.version() == CvssVersion::k30
                                    ? std::pow(miss - 0.02, 15)
                                    : std::pow((miss * 0.9731) - 0.02, 13);
        return (7.52 * (miss - 0.029)) - (3.25 * lessened);
    }

    [[nodiscard]] static Score combined(double impact, double exploitability, bool scope_changed) {
        if (impact <= 0) {
            return {};
        }
        const double factor = scope_changed ? 1.08 : 1;
        return round_up(std::min(factor * (impact + exploitability), 10.0));
    }

    [[nodiscard]] double impact(Cvss3 metric) const { return weight_of_impact(vector_.at(metric)); }

    [[nodiscard]] double modified_impact(Cvss3 metric) const {
        const auto nth = static_cast<int>(metric) - static_cast<int>(Cvss3::kConfidentiality);
        const auto requirement =
            static_cast<Cvss3>(static_cast<int>(Cvss3::kConfidentialityRequirement) + nth);
        return weight_of_impact(modified(metric)) * weight_of_requirement(vector_.at(requirement));
    }

    // Of a base metric: its modified value, or its own where that is not defined.
    [[nodiscard]] char modified(Cvss3 metric) const {
        const auto counterpart = static_cast<Cvss3>(
            static_cast<int>(metric) + static_cast<int>(Cvss3::kModifiedAttackVector)
        );
        const char value = vector_.at(counterpart);
        return value == kNotDefined ? vector_.at(metric) : value;
    }

    const CvssVector& vector_;
};

static_assert(static_cast<int>(Cvss3::kAttackVector) == 0);
static_assert(
    static_cast<int>(Cvss3::kModifiedAvailability) ==
    static_cast<int>(Cvss3::kAvailability) + static_cast<int>(Cvss3::kModifiedAttackVector)
);

}  // namespace

Cvss3Scores score_cvss3(const CvssVector& vector) {
    return Cvss3Scorer(vector).scores();
}

}  // namespace phantom::assess
