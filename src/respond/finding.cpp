#include "respond/finding.h"

#include <fmt/format.h>

#include "assess/rule_words.h"

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

assess::RuleWords words_of(const detect::Rule& rule) {
    return {
        .severity = metadata_of(rule, "signature_severity"),
        .confidence = metadata_of(rule, "confidence"),
        .priority = rule.priority,
        .drops =
            rule.action == detect::RuleAction::kDrop || rule.action == detect::RuleAction::kReject,
    };
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
    const assess::RuleWords words = words_of(rule);
    return {
        .rule = fmt::format("suricata:{}:{}", rule.gid, rule.sid),
        .text = fmt::format(
            "{}: {} to {} port {}", rule.message, detection.packet.source.to_string(),
            detection.packet.destination.to_string(), detection.packet.destination_port
        ),
        .subject = detection.packet.source,
        .object = detection.packet.destination,
        .severity = assess::severity_of(words),
        .evidence = {.family = assess::EvidenceFamily::kSignature, .llr = assess::llr_of(words)},
        .technique = assess::TechniqueId::parse(metadata_of(rule, "mitre_technique_id")),
        .first_seen = now,
        .at = now,
    };
}

}  // namespace phantom::respond
