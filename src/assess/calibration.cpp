#include "assess/calibration.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "assess/errors.h"
#include "assess/log_odds.h"
#include "base/assert.h"

namespace phantom::assess {

namespace {

// Of Platt's curve, whose interval at a place is that of as many verdicts as lay around it.
constexpr std::size_t kCurveGroups = 15;

Confidence confidence_of(double p, double count) {
    const Interval interval = beta_interval(p * count, (1 - p) * count);
    return {p, {std::min(interval.low, p), std::max(interval.high, p)}};
}

CalibrationMethod method_for(std::span<const Verdict> verdicts) {
    const auto attacks =
        static_cast<std::size_t>(std::ranges::count(verdicts, true, &Verdict::attack));
    if (std::min(attacks, verdicts.size() - attacks) < kVerdictsMinEach) {
        return CalibrationMethod::kNone;
    }
    return verdicts.size() < kIsotonicVerdictsMin ? CalibrationMethod::kPlatt
                                                  : CalibrationMethod::kIsotonic;
}

Result<std::vector<Verdict>> sorted_verdicts(std::span<const Verdict> verdicts) {
    if (verdicts.size() > kVerdictsMax) {
        return fail(AssessError::kTooManyVerdicts);
    }
    const auto bad = std::ranges::find_if_not(verdicts, [](const Verdict& each) {
        return std::isfinite(each.log_odds);
    });
    if (bad != verdicts.end()) {
        return fail(AssessError::kNotFinite, static_cast<std::uint32_t>(bad - verdicts.begin()));
    }
    std::vector<Verdict> sorted(verdicts.begin(), verdicts.end());
    // By outcome as well, so that the order they came in changes nothing.
    std::ranges::sort(sorted, [](const Verdict& left, const Verdict& right) {
        return left.log_odds != right.log_odds ? left.log_odds < right.log_odds
                                               : left.attack < right.attack;
    });
    return sorted;
}

}  // namespace

Result<Calibration> Calibration::fit(std::span<const Verdict> verdicts, const FitOptions& options) {
    PM_ASSERT(options.version > 0);
    const auto sorted = PM_TRY(sorted_verdicts(verdicts));
    Calibration made;
    made.version_ = options.version;
    made.verdict_count_ = sorted.size();
    const CalibrationMethod method = method_for(sorted);
    made.fit_sorted(sorted, method);
    if (method != CalibrationMethod::kNone) {
        made.quality_ = cross_validated(sorted, method);
    }
    return made;
}

void Calibration::fit_sorted(std::span<const Verdict> sorted, CalibrationMethod method) {
    method_ = method;
    if (method == CalibrationMethod::kIsotonic) {
        make_steps(sorted);
    } else if (method == CalibrationMethod::kPlatt) {
        make_curve(sorted);
    }
}

void Calibration::make_steps(std::span<const Verdict> sorted) {
    double last = 0;
    for (const PooledBlock& block : pool_smoothed(pool_adjacent_violators(sorted))) {
        const auto attacks = static_cast<double>(block.attacks);
        const auto count = static_cast<double>(block.count);
        // Halfway between two blocks belongs to neither; the nearer one is right.
        const double begin = groups_.empty() ? block.first : std::midpoint(last, block.first);
        groups_.push_back(
            {begin, count, {block.smoothed_rate(), beta_interval(attacks, count - attacks)}}
        );
        last = block.last;
    }
}

void Calibration::make_curve(std::span<const Verdict> sorted) {
    curve_ = fit_platt(sorted);
    for (std::size_t group = 0; group < kCurveGroups; ++group) {
        const std::size_t begin = sorted.size() * group / kCurveGroups;
        const std::size_t end = sorted.size() * (group + 1) / kCurveGroups;
        if (end > begin) {
            groups_.push_back({sorted[begin].log_odds, static_cast<double>(end - begin), {}});
        }
    }
}

const Calibration::Group& Calibration::group_of(double log_odds) const {
    const auto behind = std::ranges::upper_bound(groups_, log_odds, {}, &Group::begin);
    return behind == groups_.begin() ? groups_.front() : *(behind - 1);
}

Confidence Calibration::at(double log_odds) const {
    PM_ASSERT(std::isfinite(log_odds));
    switch (method_) {
        case CalibrationMethod::kIsotonic:
            return group_of(log_odds).confidence;
        case CalibrationMethod::kPlatt:
            return confidence_of(curve_.at(log_odds), group_of(log_odds).count);
        case CalibrationMethod::kNone:
            break;
    }
    return confidence_of(probability_of(log_odds), 0);
}

// Each fifth is foretold by a fit to the others. Every fifth verdict of the sorted ones, so that each part has
// all log-odds.
Quality Calibration::cross_validated(std::span<const Verdict> sorted, CalibrationMethod method) {
    std::vector<Forecast> forecasts;
    forecasts.reserve(sorted.size());
    for (std::size_t fold = 0; fold < kFolds; ++fold) {
        std::vector<Verdict> others;
        for (std::size_t index = 0; index < sorted.size(); ++index) {
            if (index % kFolds != fold) {
                others.push_back(sorted[index]);
            }
        }
        Calibration fitted;
        fitted.fit_sorted(others, method);
        for (std::size_t index = fold; index < sorted.size(); index += kFolds) {
            forecasts.push_back({fitted.at(sorted[index].log_odds).p, sorted[index].attack});
        }
    }
    return quality_of(forecasts);
}

}  // namespace phantom::assess
