#include "assess/platt.h"

#include <algorithm>
#include <cmath>

#include "assess/log_odds.h"

namespace phantom::assess {

namespace {

constexpr int kNewtonStepsMax = 100;
constexpr int kHalvingsMax = 33;  // of a step, then it is nothing
constexpr double kRidge = 1e-12;  // keeps the Hessian invertible
constexpr double kGradientMin = 1e-5;

struct Targets {
    double attack;
    double benign;

    explicit Targets(std::span<const Verdict> verdicts) {
        const auto attacks =
            static_cast<double>(std::ranges::count(verdicts, true, &Verdict::attack));
        const double others = static_cast<double>(verdicts.size()) - attacks;
        attack = (attacks + 1) / (attacks + 2);
        benign = 1 / (others + 2);
    }
    [[nodiscard]] double of(const Verdict& verdict) const {
        return verdict.attack ? attack : benign;
    }
};

// ln(1 + e^x) without overflow.
double log1p_exp(double x) {
    return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

double loss(std::span<const Verdict> verdicts, const Targets& targets, const PlattCurve& curve) {
    double sum = 0;
    for (const Verdict& each : verdicts) {
        const double x = (curve.slope * each.log_odds) + curve.offset;
        sum += log1p_exp(x) - (targets.of(each) * x);
    }
    return sum;
}

// Gradient and Hessian of the loss.
struct Derivatives {
    double slope = 0;
    double offset = 0;
    double slope_slope = kRidge;
    double slope_offset = 0;
    double offset_offset = kRidge;

    Derivatives(
        std::span<const Verdict> verdicts, const Targets& targets, const PlattCurve& curve
    ) {
        for (const Verdict& each : verdicts) {
            const double p = curve.at(each.log_odds);
            const double error = p - targets.of(each);
            const double weight = p * (1 - p);
            slope += error * each.log_odds;
            offset += error;
            slope_slope += weight * each.log_odds * each.log_odds;
            slope_offset += weight * each.log_odds;
            offset_offset += weight;
        }
    }
    [[nodiscard]] bool is_flat() const {
        return std::abs(slope) < kGradientMin && std::abs(offset) < kGradientMin;
    }
    // Newton's direction, down.
    [[nodiscard]] PlattCurve direction() const {
        const double determinant = (slope_slope * offset_offset) - (slope_offset * slope_offset);
        return {
            -((offset_offset * slope) - (slope_offset * offset)) / determinant,
            -((slope_slope * offset) - (slope_offset * slope)) / determinant,
        };
    }
};

// False: no step in this direction leads down.
bool step_down(std::span<const Verdict> verdicts, const Targets& targets, PlattCurve& curve) {
    constexpr double kSufficient = 1e-4;  // Armijo's condition
    const Derivatives at(verdicts, targets, curve);
    if (at.is_flat()) {
        return false;
    }
    const PlattCurve direction = at.direction();
    const double descent = (at.slope * direction.slope) + (at.offset * direction.offset);
    const double before = loss(verdicts, targets, curve);
    double step = 1;
    for (int halvings = 0; halvings < kHalvingsMax; ++halvings) {
        const PlattCurve next{
            curve.slope + (step * direction.slope), curve.offset + (step * direction.offset)
        };
        if (loss(verdicts, targets, next) < before + (kSufficient * step * descent)) {
            curve = next;
            return true;
        }
        step /= 2;
    }
    return false;
}

}  // namespace

double PlattCurve::at(double log_odds) const {
    return probability_of((slope * log_odds) + offset);
}

PlattCurve fit_platt(std::span<const Verdict> verdicts) {
    const Targets targets(verdicts);
    const auto attacks = static_cast<double>(std::ranges::count(verdicts, true, &Verdict::attack));
    const double others = static_cast<double>(verdicts.size()) - attacks;
    const PlattCurve flat{0, std::log((attacks + 1) / (others + 1))};
    PlattCurve curve = flat;
    for (int step = 0; step < kNewtonStepsMax && step_down(verdicts, targets, curve); ++step) {
    }
    return curve.slope >= 0 ? curve : flat;
}

}  // namespace phantom::assess
