#include "assess/environment.h"

#include <algorithm>

#include "assess/cvss3.h"
#include "assess/cvss4.h"

namespace phantom::assess {

namespace {

constexpr char kAdjacent = 'A';

// The metrics of the two languages that mean the same.
struct Cvss3Words {
    using Metric = Cvss3;
    static constexpr char kExploited =
        'H';  // a functional autonomous code, or no exploit is needed
    static constexpr Cvss3 kExploit = Cvss3::kExploitCodeMaturity;
};
struct Cvss4Words {
    using Metric = Cvss4;
    static constexpr char kExploited = 'A';  // attacks have been reported
    static constexpr Cvss4 kExploit = Cvss4::kExploitMaturity;
};

char requirement_of(AssetCriticality criticality) {
    switch (criticality) {
        case AssetCriticality::kLow:
            return 'L';
        case AssetCriticality::kMedium:
            return 'M';
        case AssetCriticality::kHigh:
            break;
    }
    return 'H';
}

template <class Words>
void fill_in(CvssVector& vector, const Environment& environment) {
    using Metric = typename Words::Metric;
    for (const Metric metric :
         {Metric::kConfidentialityRequirement, Metric::kIntegrityRequirement,
          Metric::kAvailabilityRequirement}) {
        if (vector.at(metric) == kNotDefined) {
            vector.set(metric, requirement_of(environment.criticality));
        }
    }
    if (!environment.exposed && vector.at(Metric::kAttackVector) == 'N' &&
        vector.at(Metric::kModifiedAttackVector) == kNotDefined) {
        vector.set(Metric::kModifiedAttackVector, kAdjacent);
    }
    if (environment.known_exploited) {
        vector.set(Words::kExploit, Words::kExploited);
    }
}

}  // namespace

CvssVector in_environment(CvssVector vector, const Environment& environment) {
    if (vector.version() == CvssVersion::k40) {
        fill_in<Cvss4Words>(vector, environment);
    } else {
        fill_in<Cvss3Words>(vector, environment);
    }
    return vector;
}

double severity_in(double said, const Environment& environment) {
    constexpr double kCritical = 9.0;
    return environment.known_exploited ? std::max(said, kCritical) : said;
}

Score severity_score(const CvssVector& vector) {
    return vector.version() == CvssVersion::k40 ? score_cvss4(vector)
                                                : score_cvss3(vector).environmental;
}

}  // namespace phantom::assess
