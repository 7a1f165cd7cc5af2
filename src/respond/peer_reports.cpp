#include "respond/peer_reports.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace phantom::respond {

std::size_t PeerReports::size() const {
    std::size_t count = 0;
    for (const auto& [reporter, subjects] : until_) {
        count += subjects.size();
    }
    return count;
}

void PeerReports::forget_old(WallTime now) {
    for (auto& [reporter, subjects] : until_) {
        std::erase_if(subjects, [&](const auto& each) { return each.second <= now; });
    }
    std::erase_if(until_, [](const auto& each) { return each.second.empty(); });
    std::erase_if(told_, [&](const auto& each) {
        return Duration(now.ns - each.second.at.ns) > kPeerReportLifetime;
    });
}

std::size_t PeerReports::reporters_of(const wire::Address& subject) const {
    return static_cast<std::size_t>(std::ranges::count_if(until_, [&](const auto& each) {
        return each.second.contains(subject);
    }));
}

std::optional<Finding> PeerReports::heard(const PeerReport& report, WallTime now) {
    forget_old(now);
    if (report.until <= now || report.confidence <= 0) {
        return std::nullopt;
    }
    auto& own = until_[report.reporter];
    if (!own.contains(report.subject) &&
        (own.size() == kPeerReportsOfOneMax || size() == kPeerReportsMax)) {
        ++refused_;
        return std::nullopt;
    }
    own[report.subject] = std::min(report.until, WallTime{now.ns + kPeerReportLifetime.count()});
    const std::size_t reporters = reporters_of(report.subject);
    Told& told = told_[report.subject];
    if (told.reporters == reporters && Duration(now.ns - told.at.ns) < kPeerReportAgain) {
        return std::nullopt;
    }
    told = {.at = now, .reporters = reporters};
    const double several = kPeerReportLlr + std::log2(static_cast<double>(reporters));
    const double llr = std::min(report.confidence, 1.0) * std::min(several, kPeerReportsLlrMax);
    return Finding{
        .rule = "peer-report",
        .text = fmt::format(
            "{} acts against it ({}); {} members do", report.reporter, report.rule, reporters
        ),
        .subject = report.subject,
        .object = {},
        .severity = kPeerReportSeverity,
        .evidence = {.family = assess::EvidenceFamily::kPeerReport, .llr = llr},
        .technique = std::nullopt,
        .first_seen = now,
        .at = now,
    };
}

}  // namespace phantom::respond
