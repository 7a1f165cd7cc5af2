#include "assess/cvss4.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "assess/cvss4_tables.h"
#include "base/assert.h"

namespace phantom::assess {

namespace {

// A vector as its macro vector and distances see it: modified metrics in the place of base ones, and the worst
// case for what is not defined (section 8.2).
class Effective {
  public:
    explicit Effective(const CvssVector& vector) : vector_(vector) {}

    [[nodiscard]] char of(Cvss4 metric) const {
        if (metric < Cvss4::kExploitMaturity) {
            const auto counterpart = static_cast<Cvss4>(
                static_cast<int>(metric) + static_cast<int>(Cvss4::kModifiedAttackVector)
            );
            const char value = vector_.at(counterpart);
            return value == kNotDefined ? vector_.at(metric) : value;
        }
        const char value = vector_.at(metric);
        if (value != kNotDefined) {
            return value;
        }
        return metric == Cvss4::kExploitMaturity ? 'A' : 'H';
    }

    [[nodiscard]] bool is(Cvss4 metric, char value) const { return of(metric) == value; }

    [[nodiscard]] bool any_is(std::initializer_list<Cvss4> metrics, char value) const {
        return std::ranges::any_of(metrics, [&](Cvss4 each) { return is(each, value); });
    }

    [[nodiscard]] bool all_are(std::initializer_list<Cvss4> metrics, char value) const {
        return std::ranges::all_of(metrics, [&](Cvss4 each) { return is(each, value); });
    }

  private:
    const CvssVector& vector_;
};

static_assert(
    static_cast<int>(Cvss4::kModifiedSubsequentAvailability) ==
    static_cast<int>(Cvss4::kSubsequentAvailability) +
        static_cast<int>(Cvss4::kModifiedAttackVector)
);

// Section 8.2: how far each value is below the worst one.
int level_of(Cvss4 metric, char value) {
    std::string_view worst_first;
    switch (metric) {
        case Cvss4::kAttackVector:
            worst_first = "NALP";
            break;
        case Cvss4::kAttackComplexity:
            worst_first = "LH";
            break;
        case Cvss4::kAttackRequirements:
            worst_first = "NP";
            break;
        case Cvss4::kPrivilegesRequired:
            worst_first = "NLH";
            break;
        case Cvss4::kUserInteraction:
            worst_first = "NPA";
            break;
        case Cvss4::kVulnerableConfidentiality:
        case Cvss4::kVulnerableIntegrity:
        case Cvss4::kVulnerableAvailability:
            worst_first = "HLN";
            break;
        case Cvss4::kSubsequentConfidentiality:
        case Cvss4::kSubsequentIntegrity:
        case Cvss4::kSubsequentAvailability:
            worst_first = "SHLN";
            break;
        default:
            worst_first = "HML";
            break;
    }
    const std::size_t level = worst_first.find(value);
    PM_ASSERT(level != std::string_view::npos);
    return static_cast<int>(level);
}

int levels_of(const Effective& vector, std::initializer_list<Cvss4> metrics) {
    int sum = 0;
    for (const Cvss4 metric : metrics) {
        sum += level_of(metric, vector.of(metric));
    }
    return sum;
}

constexpr auto kEq1Metrics = {
    Cvss4::kAttackVector, Cvss4::kPrivilegesRequired, Cvss4::kUserInteraction
};
constexpr auto kEq2Metrics = {Cvss4::kAttackComplexity, Cvss4::kAttackRequirements};
constexpr auto kVulnerableSystem = {
    Cvss4::kVulnerableConfidentiality, Cvss4::kVulnerableIntegrity, Cvss4::kVulnerableAvailability
};
constexpr auto kEq3Eq6Metrics = {
    Cvss4::kVulnerableConfidentiality, Cvss4::kVulnerableIntegrity,
    Cvss4::kVulnerableAvailability,    Cvss4::kConfidentialityRequirement,
    Cvss4::kIntegrityRequirement,      Cvss4::kAvailabilityRequirement,
};
constexpr auto kSubsequentSystems = {
    Cvss4::kSubsequentConfidentiality, Cvss4::kSubsequentIntegrity, Cvss4::kSubsequentAvailability
};

// The equivalence classes of section 8, EQ1 to EQ6.

int eq1_of(const Effective& vector) {
    if (vector.all_are(kEq1Metrics, 'N')) {
        return 0;
    }
    return vector.any_is(kEq1Metrics, 'N') && !vector.is(Cvss4::kAttackVector, 'P') ? 1 : 2;
}

int eq2_of(const Effective& vector) {
    return vector.is(Cvss4::kAttackComplexity, 'L') && vector.is(Cvss4::kAttackRequirements, 'N')
               ? 0
               : 1;
}

int eq3_of(const Effective& vector) {
    if (vector.is(Cvss4::kVulnerableConfidentiality, 'H') &&
        vector.is(Cvss4::kVulnerableIntegrity, 'H')) {
        return 0;
    }
    return vector.any_is(kVulnerableSystem, 'H') ? 1 : 2;
}

int eq4_of(const Effective& vector) {
    if (vector.any_is(kSubsequentSystems, 'S')) {
        return 0;
    }
    return vector.any_is(kSubsequentSystems, 'H') ? 1 : 2;
}

int eq5_of(const Effective& vector) {
    switch (vector.of(Cvss4::kExploitMaturity)) {
        case 'A':
            return 0;
        case 'P':
            return 1;
        default:
            return 2;
    }
}

int eq6_of(const Effective& vector) {
    const auto needed_and_lost = [&](Cvss4 requirement, Cvss4 impact) {
        return vector.is(requirement, 'H') && vector.is(impact, 'H');
    };
    const bool any =
        needed_and_lost(Cvss4::kConfidentialityRequirement, Cvss4::kVulnerableConfidentiality) ||
        needed_and_lost(Cvss4::kIntegrityRequirement, Cvss4::kVulnerableIntegrity) ||
        needed_and_lost(Cvss4::kAvailabilityRequirement, Cvss4::kVulnerableAvailability);
    return any ? 0 : 1;
}

// A macro vector as the table's indices.
struct Place {
    int eq1;
    int eq2;
    int eq3_eq6;
    int eq4;
    int eq5;
};

constexpr int kBoth00 = 0;
constexpr int kLowest21 = 4;

Place place_of(const MacroVector& macro) {
    const int eq3 = macro.eq[2];
    const int eq6 = macro.eq[5];
    PM_ASSERT(eq3 < 2 || eq6 == 1);  // without a high impact, none is on what is needed highly
    const int pair = eq3 == 2 ? kLowest21 : (2 * eq3) + eq6;
    return {macro.eq[0], macro.eq[1], pair, macro.eq[3], macro.eq[4]};
}

bool exists(const Place& place) {
    return place.eq1 <= 2 && place.eq2 <= 1 && place.eq3_eq6 <= kLowest21 && place.eq4 <= 2 &&
           place.eq5 <= 2;
}

int tenths_at(const Place& place) {
    PM_ASSERT(exists(place));
    const auto index = [](int each) { return static_cast<std::size_t>(each); };
    return cvss4::kScores[index(place.eq1)][index(place.eq2)][index(place.eq3_eq6)]
                         [index(place.eq4)][index(place.eq5)];
}

// Of the next lower macro vector in one EQ; none where this is the lowest.
std::optional<int> tenths_below(Place place, int Place::* eq) {
    ++(place.*eq);
    return exists(place) ? std::optional(tenths_at(place)) : std::nullopt;
}

// Section 8.2: from 00 there are two next lower ones, of which the higher score counts.
std::optional<int> tenths_below_eq3_eq6(Place place) {
    if (place.eq3_eq6 == kBoth00) {
        Place other = place;
        place.eq3_eq6 = 1;
        other.eq3_eq6 = 2;
        return std::max(tenths_at(place), tenths_at(other));
    }
    place.eq3_eq6 = std::max(place.eq3_eq6 + 1, 3);  // 01 and 10 -> 11 -> 21
    return exists(place) ? std::optional(tenths_at(place)) : std::nullopt;
}

// What the score loses towards the next lower macro vectors.
class Interpolation {
  public:
    explicit Interpolation(int tenths) : tenths_(tenths) {}

    // `level`: of the vector, in the metrics of this class.
    void towards(std::optional<int> lower, const cvss4::ClassDepth& depth, int level) {
        if (!lower) {
            return;
        }
        PM_ASSERT(*lower <= tenths_);
        PM_ASSERT(level >= depth.top_level && level - depth.top_level <= depth.steps);
        ++count_;
        lost_ +=
            (tenths_ - *lower) * (level - depth.top_level) * (cvss4::kStepsMultiple / depth.steps);
    }

    // The mean of the losses taken off; halves up.
    [[nodiscard]] Score result() const {
        if (count_ == 0) {
            return Score::of_tenths(tenths_);
        }
        const int unit = cvss4::kStepsMultiple * count_;
        return Score::of_tenths(((2 * (tenths_ * unit - lost_)) + unit) / (2 * unit));
    }

  private:
    int tenths_;
    int lost_ = 0;  // times kStepsMultiple
    int count_ = 0;
};

}  // namespace

std::string MacroVector::to_string() const {
    std::string text;
    for (const int each : eq) {
        text += static_cast<char>('0' + each);
    }
    return text;
}

MacroVector macro_vector_of(const CvssVector& vector) {
    const Effective effective(vector);
    return {
        {eq1_of(effective), eq2_of(effective), eq3_of(effective), eq4_of(effective),
         eq5_of(effective), eq6_of(effective)}
    };
}

Score score_of(const MacroVector& macro) {
    return Score::of_tenths(tenths_at(place_of(macro)));
}

Score score_cvss4(const CvssVector& vector) {
    const Effective effective(vector);
    if (effective.all_are(kVulnerableSystem, 'N') && effective.all_are(kSubsequentSystems, 'N')) {
        return {};
    }
    const Place place = place_of(macro_vector_of(vector));
    const auto index = [](int each) { return static_cast<std::size_t>(each); };
    Interpolation score(tenths_at(place));
    score.towards(
        tenths_below(place, &Place::eq1), cvss4::kEq1[index(place.eq1)],
        levels_of(effective, kEq1Metrics)
    );
    score.towards(
        tenths_below(place, &Place::eq2), cvss4::kEq2[index(place.eq2)],
        levels_of(effective, kEq2Metrics)
    );
    score.towards(
        tenths_below_eq3_eq6(place), cvss4::kEq3Eq6[index(place.eq3_eq6)],
        levels_of(effective, kEq3Eq6Metrics)
    );
    score.towards(
        tenths_below(place, &Place::eq4), cvss4::kEq4[index(place.eq4)],
        levels_of(effective, kSubsequentSystems)
    );
    // The one metric of EQ5 has a class for each value: nothing to interpolate, but it counts in the mean.
    score.towards(tenths_below(place, &Place::eq5), {.steps = 1, .top_level = 0}, 0);
    return score.result();
}

std::string nomenclature_of(const CvssVector& vector) {
    const auto any_defined = [&](Cvss4 first, Cvss4 last) {
        for (int each = static_cast<int>(first); each <= static_cast<int>(last); ++each) {
            if (vector.at(static_cast<Cvss4>(each)) != kNotDefined) {
                return true;
            }
        }
        return false;
    };
    std::string name = "CVSS-B";
    if (any_defined(Cvss4::kExploitMaturity, Cvss4::kExploitMaturity)) {
        name += 'T';
    }
    if (any_defined(Cvss4::kConfidentialityRequirement, Cvss4::kModifiedSubsequentAvailability)) {
        name += 'E';
    }
    return name;
}

}  // namespace phantom::assess
