#include "assess/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "assess/errors.h"
#include "assess/log_odds.h"
#include "base/random.h"

namespace phantom::assess {
namespace {

double uniform(Random& random) {
    return static_cast<double>(random.below(1U << 30U)) / (1U << 30U);
}

// Log-odds between -5 and 5, true with the probability that `truth` says.
template <class Truth>
std::vector<Verdict> verdicts_of(std::size_t count, Truth truth, std::uint64_t seed = 1) {
    SeededRandom random(seed);
    std::vector<Verdict> verdicts;
    while (verdicts.size() < count) {
        const double log_odds = (10 * uniform(random)) - 5;
        verdicts.push_back({log_odds, uniform(random) < truth(log_odds)});
    }
    return verdicts;
}

Calibration fitted(const std::vector<Verdict>& verdicts) {
    return Calibration::fit(verdicts, {.version = 7}).value();
}

TEST(PooledViolators, are_the_means_between_which_nothing_falls) {
    const std::vector<Verdict> verdicts{{1, false}, {2, true},  {3, false}, {3, true},
                                        {4, true},  {5, false}, {6, true}};
    const auto blocks = pool_adjacent_violators(verdicts);
    ASSERT_EQ(blocks.size(), 3U);
    EXPECT_EQ(blocks[0].rate(), 0);
    EXPECT_EQ(blocks[1].first, 2);
    EXPECT_EQ(blocks[1].last, 5);
    EXPECT_NEAR(blocks[1].rate(), 0.6, 1e-12);
}

// The isotonic fit is, at each place, the greatest over all beginnings before it of the least mean over all
// ends behind it (Robertson, Wright and Dykstra 1988, theorem 1.4.4).
double max_min_mean(const std::vector<bool>& outcomes, std::size_t place) {
    double greatest = 0;
    for (std::size_t begin = 0; begin <= place; ++begin) {
        double least = 1;
        double sum = 0;
        for (std::size_t end = begin; end < outcomes.size(); ++end) {
            sum += outcomes[end] ? 1 : 0;
            if (end >= place) {
                least = std::min(least, sum / static_cast<double>(end - begin + 1));
            }
        }
        greatest = std::max(greatest, least);
    }
    return greatest;
}

RC_GTEST_PROP(PooledViolators, are_what_the_definition_of_isotonic_regression_says, ()) {
    const auto outcomes = *rc::gen::container<std::vector<bool>>(rc::gen::arbitrary<bool>());
    std::vector<Verdict> verdicts;
    verdicts.reserve(outcomes.size());
    for (std::size_t index = 0; index < outcomes.size(); ++index) {
        verdicts.push_back({static_cast<double>(index), outcomes[index]});
    }
    const auto blocks = pool_adjacent_violators(verdicts);
    std::size_t place = 0;
    for (const PooledBlock& block : blocks) {
        for (std::size_t nth = 0; nth < block.count; ++nth, ++place) {
            RC_ASSERT(std::abs(block.rate() - max_min_mean(outcomes, place)) < 1e-9);
        }
    }
    RC_ASSERT(place == outcomes.size());
    const auto smoothed = pool_smoothed(blocks);
    RC_ASSERT(std::ranges::is_sorted(smoothed, {}, &PooledBlock::smoothed_rate));
}

TEST(Platt, finds_the_curve_that_the_verdicts_were_drawn_from) {
    const auto verdicts =
        verdicts_of(50'000, [](double x) { return probability_of((0.5 * x) - 1); });
    const PlattCurve curve = fit_platt(verdicts);
    EXPECT_NEAR(curve.slope, 0.5, 0.02);
    EXPECT_NEAR(curve.offset, -1, 0.04);
}

TEST(Platt, is_not_infinitely_steep_where_verdicts_can_be_separated) {
    std::vector<Verdict> verdicts;
    for (int index = -20; index < 20; ++index) {
        verdicts.push_back({static_cast<double>(index), index >= 0});
    }
    const PlattCurve curve = fit_platt(verdicts);
    EXPECT_GT(curve.at(19), 0.9);
    EXPECT_LT(curve.at(19), 0.999);
    EXPECT_GT(curve.at(-20), 0.001);
}

TEST(Platt, says_the_base_rate_where_evidence_and_verdicts_contradict_each_other) {
    const auto verdicts = verdicts_of(200, [](double x) { return probability_of(-x); });
    const PlattCurve curve = fit_platt(verdicts);
    EXPECT_EQ(curve.slope, 0);
    EXPECT_NEAR(curve.at(3), 0.5, 0.1);
}

// The quantiles of Beta(1, n + 1) and Beta(n + 1, 1) have closed forms.
TEST(BetaInterval, has_the_quantiles_of_the_posterior) {
    const Interval none = beta_interval(0, 0);
    EXPECT_NEAR(none.low, 0.05, 1e-12);
    EXPECT_NEAR(none.high, 0.95, 1e-12);
    const Interval ten_of_ten = beta_interval(10, 0);
    EXPECT_NEAR(ten_of_ten.low, std::pow(0.05, 1.0 / 11), 1e-12);
    EXPECT_NEAR(ten_of_ten.high, std::pow(0.95, 1.0 / 11), 1e-12);
    const Interval mirrored = beta_interval(0, 10);
    EXPECT_NEAR(mirrored.low, 1 - ten_of_ten.high, 1e-12);
    const Interval many = beta_interval(500'000, 500'000);
    EXPECT_NEAR(many.low, 0.5 - (1.6449 * 0.0005), 1e-6) << "as of a normal distribution";
}

TEST(Quality, is_of_hand) {
    std::vector<Forecast> forecasts{{0.8, true}, {0.4, false}};
    const Quality quality = quality_of(forecasts);
    EXPECT_NEAR(quality.brier, ((0.2 * 0.2) + (0.4 * 0.4)) / 2, 1e-12);
    EXPECT_NEAR(quality.ece, (0.2 + 0.4) / 2, 1e-12);
    std::vector<Forecast> right(1'500, Forecast{0.5, false});
    for (std::size_t index = 0; index < right.size(); index += 2) {
        right[index].attack = true;
    }
    EXPECT_NEAR(quality_of(right).ece, 0, 1e-12) << "half of each bin";
    EXPECT_NEAR(quality_of(right).brier, 0.25, 1e-12);
}

TEST(Calibration, without_verdicts_believes_the_log_odds_and_says_how_little_that_is) {
    const Calibration none;
    EXPECT_EQ(none.version(), 0U);
    EXPECT_FALSE(none.quality().has_value());
    const Confidence confidence = none.at(2);
    EXPECT_NEAR(confidence.p, probability_of(2), 1e-12);
    EXPECT_NEAR(confidence.interval.low, 0.05, 1e-9);
    EXPECT_EQ(none.at(20).interval.high, none.at(20).p) << "the interval contains p";
    std::vector<Verdict> few(kVerdictsMinEach - 1, Verdict{3, true});
    few.resize(500, Verdict{1, false});
    EXPECT_EQ(fitted(few).method(), CalibrationMethod::kNone);
    EXPECT_EQ(fitted(few).version(), 7U);
    few.push_back({3, true});
    EXPECT_EQ(fitted(few).method(), CalibrationMethod::kPlatt);
}

TEST(Calibration, learns_that_the_log_odds_promise_too_much) {
    // Log-odds twice as sure as they may be.
    const auto truth = [](double x) { return probability_of(x / 2); };
    for (const std::size_t count : {std::size_t{500}, std::size_t{20'000}}) {
        const Calibration calibration = fitted(verdicts_of(count, truth));
        EXPECT_EQ(
            calibration.method(),
            count < kIsotonicVerdictsMin ? CalibrationMethod::kPlatt : CalibrationMethod::kIsotonic
        );
        EXPECT_EQ(calibration.verdict_count(), count);
        const double tolerance = count < kIsotonicVerdictsMin ? 0.1 : 0.05;
        for (const double log_odds : {-4.0, -1.0, 0.0, 2.0, 4.0}) {
            const Confidence confidence = calibration.at(log_odds);
            EXPECT_NEAR(confidence.p, truth(log_odds), tolerance) << log_odds;
            EXPECT_LE(confidence.interval.low, confidence.p);
            EXPECT_GE(confidence.interval.high, confidence.p);
        }
        EXPECT_LT(calibration.quality()->ece, count < kIsotonicVerdictsMin ? 0.1 : 0.02);
        EXPECT_LT(calibration.quality()->brier, 0.25);
    }
}

TEST(Calibration, more_evidence_never_gives_less_confidence) {
    for (const std::size_t count : {std::size_t{0}, std::size_t{300}, std::size_t{3'000}}) {
        const Calibration calibration =
            fitted(verdicts_of(count, [](double x) { return probability_of(x); }));
        double before = 0;
        for (int hundredths = -700; hundredths < 700; ++hundredths) {
            const double log_odds = hundredths / 100.0;
            const double p = calibration.at(log_odds).p;
            EXPECT_GE(p, before) << log_odds;
            EXPECT_GT(p, 0);
            EXPECT_LT(p, 1);
            before = p;
        }
    }
}

TEST(Calibration, does_not_depend_on_the_order_of_verdicts) {
    auto verdicts = verdicts_of(2'000, [](double x) { return probability_of(x); });
    for (Verdict& each : verdicts) {
        each.log_odds = std::round(each.log_odds);
    }
    const Calibration first = fitted(verdicts);
    std::ranges::reverse(verdicts);
    const Calibration second = fitted(verdicts);
    EXPECT_EQ(first.at(1.2).p, second.at(1.2).p);
    EXPECT_EQ(first.quality()->brier, second.quality()->brier);
    EXPECT_EQ(first.quality()->ece, second.quality()->ece);
}

TEST(Calibration, a_few_perfect_verdicts_make_nobody_certain) {
    std::vector<Verdict> verdicts(1'000, Verdict{0, false});
    verdicts.resize(1'012, Verdict{5, true});
    const Confidence confidence = fitted(verdicts).at(5);
    EXPECT_NEAR(confidence.p, 13.0 / 14, 1e-12);
    EXPECT_LT(confidence.interval.low, 0.8);
}

TEST(Calibration, refuses_what_is_no_number_and_too_much) {
    std::vector<Verdict> verdicts(3, Verdict{0, false});
    verdicts[2].log_odds = std::numeric_limits<double>::quiet_NaN();
    const auto bad = Calibration::fit(verdicts, {});
    ASSERT_FALSE(bad.has_value());
    EXPECT_TRUE(bad.error().is(AssessError::kNotFinite));
    EXPECT_EQ(bad.error().detail(), 2U);
    const std::vector<Verdict> many(kVerdictsMax + 1);
    EXPECT_TRUE(Calibration::fit(many, {}).error().is(AssessError::kTooManyVerdicts));
}

}  // namespace
}  // namespace phantom::assess
