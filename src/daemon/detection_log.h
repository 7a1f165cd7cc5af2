#pragma once

// The findings that were judged last, each with what the judgement made of it: the alert that it joined is kept, this is
// not (a restart forgets it). Bounded; pure. Thread: its owner's.

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "respond/alert_book.h"
#include "respond/finding.h"
#include "respond/pipeline.h"

namespace phantom::daemon {

// Some 2 MiB where all are full.
inline constexpr std::size_t kDetectionsKept = 4'096;
inline constexpr std::size_t kDetectionsToldMax = 500;

struct JudgedDetection {
    std::uint64_t number = 0;  // the newest has the greatest
    WallTime at;
    assess::EvidenceFamily kind = assess::EvidenceFamily::kSignature;
    std::string rule;
    std::string text;
    wire::Address subject;
    std::string subject_name;  // empty: not a member
    wire::Address object;
    std::string technique;  // empty: none
    double severity = 0;
    double llr = 0;  // of this finding alone
    // What was made of it, with all else that spoke against the subject then.
    double confidence = 0;
    int risk_tenths = 10;
    std::vector<std::string> feeds;
    std::uint64_t alert = 0;
    std::uint64_t incident = 0;  // 0: none
    // Term by term; empty: nothing was new, and the alert's own holds.
    std::string explanation;
};

class DetectionLog {
  public:
    void add(
        const respond::Finding& finding, const respond::Outcome& outcome,
        const respond::Alert& alert
    );
    [[nodiscard]] const std::deque<JudgedDetection>& all() const { return kept_; }
    // Null: there is none, any more.
    [[nodiscard]] const JudgedDetection* find(std::uint64_t number) const;

    // Of those that a request wishes, the newest `count` before the number `before`, the oldest first; or the one of its
    // `number`.
    [[nodiscard]] boost::json::object answer(const boost::json::object& request) const;

  private:
    std::deque<JudgedDetection> kept_;
    std::uint64_t next_ = 1;
};

[[nodiscard]] boost::json::object describe_detection(const JudgedDetection& detection);

}  // namespace phantom::daemon
