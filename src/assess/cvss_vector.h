#pragma once

// CVSS vectors as FIRST specifies them: 3.0 and 3.1 (section 6 of either), 4.0 (section 7).
//
//     const auto vector = parse_cvss("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H");
//     vector->at(Cvss3::kScope)  // 'U'
//
// Strict: each base metric once, no metric twice, nothing unknown, upper and lower case as specified; for
// 4.0 also the order of the specification, where 3.x lets metrics come in any.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "assess/problem.h"

namespace phantom::assess {

// The longest that is correct, of 4.0 with every metric, has 178 bytes.
inline constexpr std::size_t kCvssTextSizeMax = 256;

enum class CvssVersion : std::uint8_t { k30, k31, k40 };

[[nodiscard]] std::string_view name_of(CvssVersion version);  // "3.1"

// In the order of the specification's tables. The modified metrics of 3.x stand in the order of the base
// ones (the scope after the user interaction), which the scoring relies on.
enum class Cvss3 : std::uint8_t {
    kAttackVector,
    kAttackComplexity,
    kPrivilegesRequired,
    kUserInteraction,
    kScope,
    kConfidentiality,
    kIntegrity,
    kAvailability,
    kExploitCodeMaturity,
    kRemediationLevel,
    kReportConfidence,
    kConfidentialityRequirement,
    kIntegrityRequirement,
    kAvailabilityRequirement,
    kModifiedAttackVector,
    kModifiedAttackComplexity,
    kModifiedPrivilegesRequired,
    kModifiedUserInteraction,
    kModifiedScope,
    kModifiedConfidentiality,
    kModifiedIntegrity,
    kModifiedAvailability,
    kCount,
};

enum class Cvss4 : std::uint8_t {
    kAttackVector,
    kAttackComplexity,
    kAttackRequirements,
    kPrivilegesRequired,
    kUserInteraction,
    kVulnerableConfidentiality,
    kVulnerableIntegrity,
    kVulnerableAvailability,
    kSubsequentConfidentiality,
    kSubsequentIntegrity,
    kSubsequentAvailability,
    kExploitMaturity,
    kConfidentialityRequirement,
    kIntegrityRequirement,
    kAvailabilityRequirement,
    kModifiedAttackVector,
    kModifiedAttackComplexity,
    kModifiedAttackRequirements,
    kModifiedPrivilegesRequired,
    kModifiedUserInteraction,
    kModifiedVulnerableConfidentiality,
    kModifiedVulnerableIntegrity,
    kModifiedVulnerableAvailability,
    kModifiedSubsequentConfidentiality,
    kModifiedSubsequentIntegrity,
    kModifiedSubsequentAvailability,
    kSafety,
    kAutomatable,
    kRecovery,
    kValueDensity,
    kResponseEffort,
    kProviderUrgency,
    kCount,
};

struct CvssMetric {
    std::string_view name;
    std::string_view values;  // between spaces; no two begin with the same letter
    bool mandatory;
};

[[nodiscard]] std::span<const CvssMetric> metrics_of(CvssVersion version);

inline constexpr char kNotDefined = 'X';

class CvssVector {
  public:
    // Of a metric: the first letter of its value; kNotDefined where it has none.
    [[nodiscard]] char at(Cvss3 metric) const;
    [[nodiscard]] char at(Cvss4 metric) const;
    // `value` is one of the metric's.
    void set(Cvss3 metric, char value);
    void set(Cvss4 metric, char value);

    [[nodiscard]] CvssVersion version() const { return version_; }
    // In the specification's order, without what is not defined.
    [[nodiscard]] std::string to_string() const;

    friend bool operator==(const CvssVector&, const CvssVector&) = default;

  private:
    friend class CvssParser;
    explicit CvssVector(CvssVersion version) : version_(version) { values_.fill(kNotDefined); }

    CvssVersion version_;
    std::array<char, static_cast<std::size_t>(Cvss4::kCount)> values_{};
};

[[nodiscard]] OrProblem<CvssVector> parse_cvss(std::string_view text);

}  // namespace phantom::assess
