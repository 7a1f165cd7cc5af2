#pragma once

// From fused log-odds to a probability that has been true so far: fitted to verdicts, by isotonic regression, or
// by Platt scaling below 1,000 of them.
//
//     const Calibration calibration = PM_TRY(Calibration::fit(verdicts, {.version = 7}));
//     const Confidence confidence = calibration.at(fused.log_odds());
//
// A calibration is a value: fitted once, never changed, named by its version in whatever was judged with it.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "assess/beta_interval.h"
#include "assess/isotonic.h"
#include "assess/platt.h"
#include "assess/quality.h"
#include "base/result.h"

namespace phantom::assess {

// With fewer an isotonic fit follows the noise (Niculescu-Mizil and Caruana 2005).
inline constexpr std::size_t kIsotonicVerdictsMin = 1'000;
// With fewer, of either outcome, nothing is fitted: the log-odds are believed as they are.
inline constexpr std::size_t kVerdictsMinEach = 10;
// Newer ones are the caller's to choose.
inline constexpr std::size_t kVerdictsMax = 1'000'000;
// Quality is measured on verdicts that the fit has not seen, a fifth of them at a time.
inline constexpr std::size_t kFolds = 5;

enum class CalibrationMethod : std::uint8_t { kNone, kPlatt, kIsotonic };

struct Confidence {
    double p = 0;
    // Where 90 % of the posterior lies: wide where few verdicts were like this one. Contains p.
    Interval interval;
};

struct FitOptions {
    std::uint64_t version = 1;  // 0 is that of no calibration
};

class Calibration {
  public:
    // None: version 0.
    Calibration() = default;

    // In any order. Depends on nothing but its arguments.
    [[nodiscard]] static Result<Calibration> fit(
        std::span<const Verdict> verdicts, const FitOptions& options
    );

    // Does not allocate. `log_odds` is finite; more never gives less.
    [[nodiscard]] Confidence at(double log_odds) const;

    [[nodiscard]] std::uint64_t version() const { return version_; }
    [[nodiscard]] CalibrationMethod method() const { return method_; }
    [[nodiscard]] std::size_t verdict_count() const { return verdict_count_; }
    // None where nothing was fitted.
    [[nodiscard]] const std::optional<Quality>& quality() const { return quality_; }

  private:
    // Verdicts of neighbouring log-odds: what p rests on.
    struct Group {
        double begin = 0;  // the first log-odds that belong here; those of the first group: any
        double count = 0;
        Confidence confidence;  // isotonic only
    };

    void fit_sorted(std::span<const Verdict> sorted, CalibrationMethod method);
    void make_steps(std::span<const Verdict> sorted);
    void make_curve(std::span<const Verdict> sorted);
    [[nodiscard]] const Group& group_of(double log_odds) const;
    [[nodiscard]] static Quality cross_validated(
        std::span<const Verdict> sorted, CalibrationMethod method
    );

    std::uint64_t version_ = 0;
    CalibrationMethod method_ = CalibrationMethod::kNone;
    std::size_t verdict_count_ = 0;
    PlattCurve curve_;
    std::vector<Group> groups_;
    std::optional<Quality> quality_;
};

}  // namespace phantom::assess
