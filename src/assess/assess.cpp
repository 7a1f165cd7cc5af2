#include "assess/assess.h"

#include <fmt/format.h>

namespace phantom::assess {

namespace {

std::string explain_evidence(const Fused& evidence) {
    std::string text =
        fmt::format("log-odds {:.2f} = prior {:.2f}", evidence.log_odds(), evidence.prior);
    for (std::size_t index = 0; index < kEvidenceFamilyCount; ++index) {
        if (const auto& llr = evidence.families[index]) {
            text += fmt::format(
                " {} {} {:.2f}", *llr < 0 ? '-' : '+', name_of(static_cast<EvidenceFamily>(index)),
                *llr < 0 ? -*llr : *llr
            );
        }
    }
    return text;
}

}  // namespace

Assessment Assessor::assess(const Finding& finding) {
    Assessment made;
    made.evidence = fuse(basis_.prior, finding.evidence);
    if (const auto reputation = reputation_evidence(finding.feeds, basis_.prior)) {
        made.evidence.add(*reputation);
    }
    made.calibration_version = basis_.calibration.version();
    made.confidence = basis_.calibration.at(made.evidence.log_odds());
    made.blast = reach_of(finding.subject);
    made.risk =
        risk_of({.p = made.confidence.p, .severity = finding.severity, .blast = made.blast.share});
    made.technique = finding.technique;
    if (finding.technique) {
        made.tactics = basis_.techniques.tactics_of(*finding.technique);
    }
    return made;
}

const Blast& Assessor::reach_of(NodeIndex subject) {
    reaches_.resize(basis_.graph.node_count());
    std::optional<Blast>& reach = reaches_.at(subject);
    if (!reach) {
        reach = walk_.from(basis_.graph, subject);
    }
    return *reach;
}

Risk Assessor::risk_after(const Assessment& assessment, NodeIndex subject, const BlastCut& cut) {
    RiskFactors factors = assessment.risk.factors;
    factors.blast = walk_.from(basis_.graph, subject, cut).share;
    return risk_of(factors);
}

std::string Assessor::explain(const Assessment& assessment) const {
    const Interval& interval = assessment.confidence.interval;
    std::string text = fmt::format(
        "risk {}\nconfidence {:.2f}, 90 % between {:.2f} and {:.2f} (calibration {}): {}\n"
        "within reach: {} peers, {} prefixes, {} flows, {} sessions\n",
        assessment.risk.to_string(), assessment.confidence.p, interval.low, interval.high,
        assessment.calibration_version, explain_evidence(assessment.evidence),
        assessment.blast.peers, assessment.blast.prefixes, assessment.blast.flows,
        assessment.blast.sessions
    );
    if (assessment.technique) {
        text += fmt::format("technique {}", assessment.technique->to_string());
        if (assessment.tactics != 0) {
            text += fmt::format(" ({})", basis_.techniques.first_of(assessment.tactics));
        }
        text += '\n';
    }
    return text;
}

}  // namespace phantom::assess
