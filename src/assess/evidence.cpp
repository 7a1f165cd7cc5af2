#include "assess/evidence.h"

#include <algorithm>
#include <cmath>

#include "assess/log_odds.h"
#include "base/assert.h"

namespace phantom::assess {

namespace {

// No number of feeds makes certain.
constexpr double kReputationMax = 0.999;

double smoothed_rate(std::uint64_t part, std::uint64_t all) {
    PM_ASSERT(part <= all);
    return (static_cast<double>(part) + 1) / (static_cast<double>(all) + 2);
}

}  // namespace

std::string_view name_of(EvidenceFamily family) {
    switch (family) {
        case EvidenceFamily::kSignature:
            return "signature";
        case EvidenceFamily::kScenario:
            return "scenario";
        case EvidenceFamily::kAnomaly:
            return "anomaly";
        case EvidenceFamily::kLog:
            return "log";
        case EvidenceFamily::kReputation:
            return "reputation";
        case EvidenceFamily::kPeerReport:
            return "peer report";
        case EvidenceFamily::kCount:
            break;
    }
    return "unknown";
}

double log_likelihood_ratio(const JudgedFindings& of_rule, const JudgedFindings& of_all) {
    return std::log(
        smoothed_rate(of_rule.attacks, of_all.attacks) /
        smoothed_rate(of_rule.benign, of_all.benign)
    );
}

double reputation_of(std::span<const FeedHit> hits) {
    double all_wrong = 1;
    for (const FeedHit& hit : hits) {
        PM_ASSERT(hit.confidence >= 0 && hit.confidence <= 1);
        PM_ASSERT(hit.half_life.count() > 0);
        // A sighting of the future is one of now: clocks differ.
        const double age = static_cast<double>(std::max<std::int64_t>(hit.age.count(), 0));
        const double half_lives = age / static_cast<double>(hit.half_life.count());
        all_wrong *= 1 - (hit.confidence * std::exp2(-half_lives));
    }
    return 1 - all_wrong;
}

std::optional<Evidence> reputation_evidence(std::span<const FeedHit> hits, double prior) {
    PM_ASSERT(prior > 0 && prior < 1);
    const double reputation = std::min(reputation_of(hits), kReputationMax);
    if (reputation <= prior) {
        return std::nullopt;
    }
    return Evidence{EvidenceFamily::kReputation, log_odds_of(reputation) - log_odds_of(prior)};
}

double Fused::log_odds() const {
    double sum = prior;
    for (const auto& family : families) {
        sum += family.value_or(0);
    }
    return sum;
}

void Fused::add(const Evidence& evidence) {
    PM_ASSERT(std::isfinite(evidence.llr));
    auto& strongest = families[static_cast<std::size_t>(evidence.family)];
    strongest = std::max(strongest.value_or(evidence.llr), evidence.llr);
}

Fused fuse(double prior, std::span<const Evidence> evidence) {
    PM_ASSERT(prior > 0 && prior < 1);
    Fused fused{.prior = log_odds_of(prior), .families = {}};
    for (const Evidence& each : evidence) {
        fused.add(each);
    }
    return fused;
}

}  // namespace phantom::assess
