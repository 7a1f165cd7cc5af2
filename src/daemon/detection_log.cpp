#include "daemon/detection_log.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "daemon/control_server.h"
#include "daemon/json_fields.h"
#include "fields/fields.h"
#include "incident/record.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

constexpr std::int64_t kDetectionsToldByDefault = 100;
// No text that one finding brings takes more.
constexpr std::size_t kDetectionTextMax = 512;

std::string cut_text(const std::string& text) {
    return text.substr(0, kDetectionTextMax);
}

bool is_wished(const JudgedDetection& detection, const json::object& request) {
    const auto is = [&](const char* key, std::string_view value) {
        const std::string wanted = fields::text_at(request, key);
        return wanted.empty() || wanted == value;
    };
    const auto is_number = [&](const char* key, std::uint64_t value) {
        return fields::number_at(request, key, static_cast<std::int64_t>(value)) ==
               static_cast<std::int64_t>(value);
    };
    const std::string subject = fields::text_at(request, "subject");
    const bool is_of_subject = subject.empty() || subject == detection.subject_name ||
                               subject == detection.subject.to_string();
    return is_of_subject && is("kind", assess::name_of(detection.kind)) &&
           is("rule", detection.rule) && is_number("alert", detection.alert) &&
           is_number("incident", detection.incident);
}

}  // namespace

void DetectionLog::add(
    const respond::Finding& finding, const respond::Outcome& outcome, const respond::Alert& alert
) {
    if (kept_.size() >= kDetectionsKept) {
        kept_.pop_front();
    }
    kept_.push_back({
        .number = next_++,
        .at = finding.at,
        .kind = finding.evidence.family,
        .rule = finding.rule,
        .text = cut_text(finding.text),
        .subject = finding.subject,
        .subject_name = alert.subject_name,
        .object = finding.object,
        .technique = finding.technique ? alert.technique : "",
        .severity = finding.severity,
        .llr = finding.evidence.llr,
        .confidence = alert.judged.confidence,
        .risk_tenths = alert.judged.risk_tenths,
        .feeds = alert.feeds,
        .alert = alert.number,
        .incident = outcome.incident,
        .explanation = outcome.is_news ? alert.assessment : "",
    });
}

const JudgedDetection* DetectionLog::find(std::uint64_t number) const {
    if (kept_.empty() || number < kept_.front().number || number > kept_.back().number) {
        return nullptr;
    }
    return &kept_.at(number - kept_.front().number);
}

json::object describe_detection(const JudgedDetection& detection) {
    const auto& object = detection.object;
    return {
        {"number", detection.number},
        {"at", incident::time_text(detection.at)},
        {"kind", assess::name_of(detection.kind)},
        {"rule", detection.rule},
        {"text", detection.text},
        {"subject", detection.subject.to_string()},
        {"subject_name", detection.subject_name},
        {"object", object.is_none() ? "" : object.to_string()},
        {"technique", detection.technique},
        {"severity", detection.severity},
        {"evidence", detection.llr},
        {"confidence", detection.confidence},
        {"risk_tenths", detection.risk_tenths},
        {"feeds", json::array(detection.feeds.begin(), detection.feeds.end())},
        {"alert", detection.alert},
        {"incident", detection.incident},
        {"explanation", detection.explanation},
    };
}

json::object DetectionLog::answer(const json::object& request) const {
    if (const std::int64_t number = fields::number_at(request, "number", 0); number != 0) {
        const JudgedDetection* found = find(static_cast<std::uint64_t>(number));
        if (found == nullptr) {
            return control_error(
                "not_found",
                "there is no such detection any more; 'phantom detections' lists the last ones, "
                "and "
                "'phantom alerts' what was made of the others"
            );
        }
        json::object out = describe_detection(*found);
        out["schema"] = "phantom.detection/1";
        return out;
    }
    const std::int64_t count = fields::number_at(request, "count", kDetectionsToldByDefault);
    const std::int64_t before =
        fields::number_at(request, "before", std::numeric_limits<std::int64_t>::max());
    if (count < 1 || count > std::int64_t{kDetectionsToldMax} || before < 0) {
        return control_error(
            "bad_request", fmt::format("\"count\" is 1 to {}", kDetectionsToldMax)
        );
    }
    json::array told;
    for (auto each = kept_.rbegin();
         each != kept_.rend() && told.size() < static_cast<std::size_t>(count); ++each) {
        if (each->number < static_cast<std::uint64_t>(before) && is_wished(*each, request)) {
            told.push_back(describe_detection(*each));
        }
    }
    std::ranges::reverse(told);
    return {
        {"schema", "phantom.detections/1"},
        {"detections", std::move(told)},
        {"judged", next_ - 1},
        {"kept", kept_.size()},
    };
}

}  // namespace phantom::daemon
