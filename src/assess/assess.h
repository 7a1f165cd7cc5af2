#pragma once

// One finding judged: evidence to confidence, reach to blast radius, both and the severity to risk and priority.
// Owned by whoever handles findings, on its thread. Takes at most 100 us at the 99th percentile with 1,000 nodes
// and 10,000 edges (assess_bench.cpp), and does no I/O. Sources: docs/response.md.
//
//     Assessor assessor({.prior = 0.01, .calibration = calibration, .graph = graph, .techniques = techniques});
//     const Assessment assessment = assessor.assess({
//         .evidence = evidence, .feeds = hits, .severity = 7.5, .subject = node, .technique = id,
//     });
//     assessment.risk.priority;   // Priority::kP2
//     assessor.risk_after(assessment, node, {.nodes = isolated});  // what isolating it would leave

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "assess/blast.h"
#include "assess/calibration.h"
#include "assess/evidence.h"
#include "assess/risk.h"
#include "assess/technique.h"

namespace phantom::assess {

inline constexpr int kAssessmentBudgetUs = 100;

// What is judged by. It outlives the assessor, and holds still: a new graph, calibration or table is a new
// assessor's.
struct AssessmentBasis {
    double prior = 0.01;  // how many findings are attacks
    const Calibration& calibration;
    const BlastGraph& graph;
    const TechniqueTable& techniques;
};

struct Finding {
    std::span<const Evidence> evidence;
    std::span<const FeedHit> feeds;
    double severity = 0;  // 0 to 10: severity_score() of environment.h, or what the rule says
    NodeIndex subject = 0;
    std::optional<TechniqueId> technique;
};

struct Assessment {
    std::uint64_t calibration_version = 0;
    Fused evidence;
    Confidence confidence;
    Blast blast;
    Risk risk;
    std::optional<TechniqueId> technique;
    TacticSet tactics = 0;
};

class Assessor {
  public:
    explicit Assessor(const AssessmentBasis& basis) : basis_(basis) {}

    [[nodiscard]] Assessment assess(const Finding& finding);
    // The risk that would be left with `cut` taken away: all else as it was.
    [[nodiscard]] Risk risk_after(
        const Assessment& assessment, NodeIndex subject, const BlastCut& cut
    );
    // Term by term, in lines for people.
    [[nodiscard]] std::string explain(const Assessment& assessment) const;

  private:
    // The graph holds still, so each subject's reach is walked once.
    [[nodiscard]] const Blast& reach_of(NodeIndex subject);

    AssessmentBasis basis_;
    BlastWalk walk_;
    std::vector<std::optional<Blast>> reaches_;  // by node; empty until something was judged
};

}  // namespace phantom::assess
