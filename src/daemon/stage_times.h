#pragma once

// How long findings are in each stage of the response. Thread: control; anybody may read.

#include <array>
#include <span>

#include "metrics/histogram.h"
#include "respond/stage.h"

namespace phantom::daemon {

class StageTimes final : public respond::StageWatch {
  public:
    struct Lap {
        respond::Stage stage = respond::Stage::kQueue;
        Instant begin;
        Instant end;
    };

    void begin() override { began_ = monotonic_now(); }
    void passed(respond::Stage stage) override {
        const Instant now = monotonic_now();
        observe(stage, now - began_);
        if (lap_count_ < laps_.size()) {
            laps_[lap_count_++] = {stage, began_, now};
        }
        began_ = now;
    }
    // Of the finding at hand: what has passed since forget_laps().
    void forget_laps() { lap_count_ = 0; }
    [[nodiscard]] std::span<const Lap> laps() const { return std::span(laps_).first(lap_count_); }
    void observe(respond::Stage stage, Duration took) {
        stages_.at(static_cast<std::size_t>(stage)).observe(took);
    }
    // From what was seen in packets to all that was done; `acted`: an action is in force.
    void handled(Duration took, bool acted) {
        findings_.observe(took);
        if (acted) {
            blocks_.observe(took);
        }
    }

    [[nodiscard]] const metrics::Histogram& of(respond::Stage stage) const {
        return stages_.at(static_cast<std::size_t>(stage));
    }
    [[nodiscard]] const metrics::Histogram& findings() const { return findings_; }
    [[nodiscard]] const metrics::Histogram& blocks() const { return blocks_; }

  private:
    std::array<metrics::Histogram, respond::kStageCount> stages_;
    metrics::Histogram findings_;
    metrics::Histogram blocks_;
    Instant began_;
    std::array<Lap, respond::kStageCount> laps_{};
    std::size_t lap_count_ = 0;
};

}  // namespace phantom::daemon
