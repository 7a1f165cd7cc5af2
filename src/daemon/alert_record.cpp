#include "daemon/alert_record.h"

#include <exception>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "alert/message_text.h"
#include "assess/risk.h"
#include "incident/record.h"
#include "respond/measures.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

constexpr std::size_t kRuleLabelMax = 128;
constexpr std::size_t kSummaryMax = 240;
constexpr std::size_t kAssessmentMax = 400;

std::string address_or_none(const wire::Address& address) {
    return address.is_none() ? "" : address.to_string();
}

wire::Address address_in(const json::object& object, const char* key) {
    const std::string text(object.at(key).as_string());
    // An exception, as those of the library.
    return text.empty() ? wire::Address() : wire::Address::parse(text).value();
}

std::optional<remedy::Executor> executor_in(const json::object& object, const char* key) {
    const json::value* name = object.if_contains(key);
    if (name == nullptr || !name->is_string()) {
        return std::nullopt;
    }
    for (const respond::Measure& each : respond::ResponsePolicy().measures) {
        if (name->get_string() == remedy::name_of(each.executor)) {
            return each.executor;
        }
    }
    return std::nullopt;
}

json::value executor_text(const std::optional<remedy::Executor>& executor) {
    return executor ? json::value(remedy::name_of(*executor)) : json::value(nullptr);
}

respond::Alert alert_in(const json::object& object) {
    const auto text = [&](const char* key) { return std::string(object.at(key).as_string()); };
    const auto number = [&](const char* key) { return object.at(key).to_number<std::uint64_t>(); };
    respond::Alert alert;
    alert.number = number("number");
    alert.state = static_cast<respond::Alert::State>(std::min<std::uint64_t>(number("state"), 2));
    alert.rule = text("rule");
    alert.text = text("text");
    alert.subject = address_in(object, "subject");
    alert.subject_name = text("subject_name");
    alert.object = address_in(object, "object");
    alert.technique = text("technique");
    alert.count = number("count");
    alert.first.ns = object.at("first_ns").as_int64();
    alert.last.ns = object.at("last_ns").as_int64();
    const auto priority = std::clamp<std::uint64_t>(number("priority"), 1, 5);
    alert.priority = static_cast<assess::Priority>(priority);
    alert.risk_tenths = static_cast<int>(number("risk_tenths"));
    alert.confidence = object.at("confidence").to_number<double>();
    alert.assessment = text("assessment");
    alert.incident = number("incident");
    alert.action = number("action");
    // Those of earlier versions are blocks, and nobody was asked.
    if (alert.action != 0) {
        alert.measure = executor_in(object, "measure").value_or(remedy::Executor::kFirewall);
    }
    if (object.contains("proposal")) {
        alert.proposal = number("proposal");
        alert.proposed = executor_in(object, "proposed");
    }
    for (const json::value& feed : object.at("feeds").as_array()) {
        alert.feeds.emplace_back(feed.as_string());
    }
    return alert;
}

// "port-scan" of "behaviour:port-scan"; the rule as it is where that says nothing.
std::string short_name(const std::string& rule) {
    constexpr std::string_view kBehaviour = "behaviour:";
    return rule.starts_with(kBehaviour) ? rule.substr(kBehaviour.size()) : rule;
}

std::string cut(std::string_view text, std::size_t size_max) {
    const std::string shown = alert::one_line(text.substr(0, size_max));
    return shown.size() > size_max ? alert::valid_utf8(shown.substr(0, size_max)) : shown;
}

}  // namespace

json::object describe_alert(const respond::Alert& alert) {
    return {
        {"number", alert.number},
        {"state", respond::name_of(alert.state)},
        {"priority", assess::name_of(alert.priority)},
        {"risk_tenths", alert.risk_tenths},
        {"confidence", alert.confidence},
        {"rule", alert.rule},
        {"text", alert.text},
        {"subject", alert.subject.to_string()},
        {"subject_name", alert.subject_name},
        {"object", address_or_none(alert.object)},
        {"technique", alert.technique},
        {"feeds", json::array(alert.feeds.begin(), alert.feeds.end())},
        {"count", alert.count},
        {"first", incident::time_text(alert.first)},
        {"last", incident::time_text(alert.last)},
        {"incident", alert.incident},
        {"action", alert.action},
        {"measure", executor_text(alert.measure)},
        {"proposal", alert.proposal},
        {"proposed", executor_text(alert.proposed)},
        {"assessment", alert.assessment},
    };
}

std::string write_alert(const respond::Alert& alert) {
    json::object object = describe_alert(alert);
    object["state"] = static_cast<std::int64_t>(alert.state);
    object["priority"] = static_cast<std::int64_t>(alert.priority);
    object["first_ns"] = alert.first.ns;
    object["last_ns"] = alert.last.ns;
    return json::serialize(object);
}

Result<respond::Alert> read_alert(std::string_view text) {
    // Boost throws where a field is missing or of another kind; so does value().
    try {
        return alert_in(json::parse({text.data(), text.size()}).as_object());
    } catch (const std::exception&) {
        return fail(alert::AlertError::kMalformedRecord);
    }
}

Result<alert::Alert> alert_to_tell(const respond::Alert& alert, const std::string& node) {
    alert::AlertFields fields;
    const auto label = [&](const char* name, const std::string& value) {
        if (!value.empty()) {
            fields.labels.emplace_back(name, cut(value, kRuleLabelMax));
        }
    };
    label("alertname", short_name(alert.rule));
    label("rule", alert.rule);
    label("node", node);
    label("subject", alert.subject.to_string());
    label("peer", alert.subject_name);
    label("object", address_or_none(alert.object));
    label("technique", alert.technique);
    fields.annotations.emplace_back("summary", cut(alert.text, kSummaryMax));
    fields.annotations.emplace_back("risk", cut(alert.assessment, kAssessmentMax));
    fields.annotations.emplace_back("number", std::to_string(alert.number));
    if (!alert.feeds.empty()) {
        fields.annotations.emplace_back(
            "feeds", cut(fmt::format("{}", fmt::join(alert.feeds, ", ")), kRuleLabelMax)
        );
    }
    fields.priority = static_cast<alert::Priority>(alert.priority);
    fields.starts_at = alert.first;
    return alert::make_alert(std::move(fields));
}

}  // namespace phantom::daemon
