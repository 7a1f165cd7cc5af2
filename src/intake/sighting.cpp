#include "intake/sighting.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace phantom::intake {

namespace {

double number_label(const scenario::Value& labels, const char* name, double otherwise) {
    const auto* found = labels.is_object() ? labels.get_object().if_contains(name) : nullptr;
    if (found == nullptr) {
        return otherwise;
    }
    if (found->is_int64()) {
        return static_cast<double>(found->get_int64());
    }
    return found->is_double() ? found->get_double() : otherwise;
}

// "attack.T1110" in classification.
std::string technique_of(const scenario::Value& labels) {
    const auto* list =
        labels.is_object() ? labels.get_object().if_contains("classification") : nullptr;
    if (list == nullptr || !list->is_array()) {
        return "";
    }
    for (const auto& each : list->get_array()) {
        const std::string_view text = scenario::text_of(each);
        if (text.starts_with("attack.T")) {
            return std::string(text.substr(std::string_view("attack.").size()));
        }
    }
    return "";
}

}  // namespace

std::string shown(std::string_view text) {
    const bool is_long = text.size() > kSightingTextMax;
    // printable() writes a byte as four characters at most.
    std::string clean = scenario::printable(text.substr(0, kSightingTextMax));
    if (clean.size() > kSightingTextMax) {
        clean.resize(kSightingTextMax);
    }
    return is_long ? clean + "..." : clean;
}

// Its author's confidence is 0 to 3; what can be spoofed says less. By rule of thumb until verdicts say better.
Sighting sighting_of(const scenario::Overflow& overflow) {
    constexpr double kPerConfidence = 1.5;
    constexpr double kPerSpoofable = 1;
    const double confidence = std::clamp(number_label(overflow.labels, "confidence", 1), 0.0, 3.0);
    const double spoofable = std::clamp(number_label(overflow.labels, "spoofable", 0), 0.0, 3.0);
    Sighting sighting{
        .kind = Sighting::Kind::kScenario,
        .rule = "crowdsec:" + shown(overflow.scenario),
        .text = "",
        .subject = {},
        .object = {},
        .severity = overflow.is_remediable ? 7.0 : 4.0,
        .llr = std::max(1 + kPerConfidence * confidence - kPerSpoofable * spoofable, 0.5),
        .technique = technique_of(overflow.labels),
    };
    std::string about;
    for (const scenario::OverflowSource& each : overflow.sources) {
        const auto address = wire::Address::parse(each.value);
        if (address && sighting.subject.is_none()) {
            sighting.subject = *address;
        }
        about += fmt::format("{}{} {}", about.empty() ? "" : ", ", each.scope, each.value);
    }
    const std::string& said =
        overflow.description.empty() ? overflow.scenario : overflow.description;
    sighting.text =
        shown(fmt::format("{}: {}, {} lines of a log", said, about, overflow.events_count));
    return sighting;
}

Sighting sighting_of(
    const scenario::SigmaRules::Entry& entry, const scenario::SigmaRecord& record
) {
    struct Weight {
        double severity;
        double llr;
    };
    // By level, informational to critical; by rule of thumb likewise.
    static constexpr std::array<Weight, 5> kWeights{
        {{1, 0.5}, {3, 1}, {5, 2.5}, {7.5, 4.5}, {9, 6.5}}
    };
    const Weight& weight = kWeights[static_cast<std::size_t>(entry.rule.level)];
    return {
        .kind = Sighting::Kind::kLog,
        .rule = "sigma:" + shown(entry.rule.id.empty() ? entry.rule.title : entry.rule.id),
        .text = shown(fmt::format("{}: {}", entry.rule.title, record.line.value)),
        .subject = record.subject(),
        .object = {},
        .severity = weight.severity,
        .llr = weight.llr,
        .technique = entry.rule.technique(),
    };
}

}  // namespace phantom::intake
