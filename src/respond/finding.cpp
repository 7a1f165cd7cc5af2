#include "respond/finding.h"

#include <array>

#include <fmt/format.h>

namespace phantom::respond {

namespace {

std::string_view metadata_of(const detect::Rule& rule, std::string_view key) {
    for (const auto& [name, value] : rule.metadata) {
        if (name == key) {
            return value;
        }
    }
    return "";
}

double severity_of(const detect::Rule& rule) {
    const std::string_view said = metadata_of(rule, "signature_severity");
    if (said == "Critical") {
        return 9;
    }
    if (said == "Major") {
        return 7.5;
    }
    if (said == "Minor") {
        return 5;
    }
    if (said == "Informational") {
        return 2.5;
    }
    constexpr std::array kByPriority{7.5, 7.5, 5.0, 3.0};
    return rule.priority < kByPriority.size() ? kByPriority[rule.priority] : 2.0;
}

// By rule of thumb until verdicts say better: prior odds of 1 in 100 become even at 4.6. A rule that
// drops was written to be believed.
double llr_of(const detect::Rule& rule) {
    if (rule.action == detect::RuleAction::kDrop || rule.action == detect::RuleAction::kReject) {
        return 8;
    }
    const std::string_view confidence = metadata_of(rule, "confidence");
    const double base = confidence == "High" ? 6 : confidence == "Low" ? 2 : 4;
    return rule.priority <= 1 ? base + 0.5 : rule.priority == 2 ? base : base - 1;
}

}  // namespace

Finding finding_of(const behaviour::Sign& sign, WallTime now) {
    const behaviour::SignInfo& info = behaviour::info_of(sign.kind);
    return {
        .rule = fmt::format("behaviour:{}", info.name),
        .text = behaviour::explain(sign),
        .subject = sign.subject,
        .object = sign.kind == behaviour::SignKind::kHostScan ? wire::Address() : sign.object,
        .severity = info.severity,
        .evidence =
            {.family = info.is_anomaly ? assess::EvidenceFamily::kAnomaly
                                       : assess::EvidenceFamily::kScenario,
             .llr = sign.llr},
        .technique = assess::TechniqueId::parse(info.technique),
        .first_seen = {now.ns - (sign.at - sign.since).count()},
        .at = now,
    };
}

Finding finding_of(const detect::Detection& detection, WallTime now) {
    const detect::Rule& rule = detection.rule;
    return {
        .rule = fmt::format("suricata:{}:{}", rule.gid, rule.sid),
        .text = fmt::format(
            "{}: {} to {} port {}", rule.message, detection.packet.source.to_string(),
            detection.packet.destination.to_string(), detection.packet.destination_port
        ),
        .subject = detection.packet.source,
        .object = detection.packet.destination,
        .severity = severity_of(rule),
        .evidence = {.family = assess::EvidenceFamily::kSignature, .llr = llr_of(rule)},
        .technique = assess::TechniqueId::parse(metadata_of(rule, "mitre_technique_id")),
        .first_seen = now,
        .at = now,
    };
}

}  // namespace phantom::respond
