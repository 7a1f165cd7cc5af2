#include "cli/seen.h"

#include <ranges>

#include <fmt/format.h>

#include "cli/output.h"
#include "cli/show.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

std::string seen_text(const json::object& of, const char* key) {
    return printable(std::string_view(of.at(key).as_string()));
}

std::uint64_t seen_count(const json::object& of, const char* key) {
    return of.at(key).to_number<std::uint64_t>();
}

void put_text(json::object& request, const char* key, const std::string& text) {
    if (!text.empty()) {
        request[key] = text;
    }
}

void put_number(json::object& request, const char* key, std::uint64_t number) {
    if (number != 0) {
        request[key] = static_cast<std::int64_t>(number);
    }
}

// "birch:22", "[fd5e::1]:22", "198.51.100.7": a member's name where it has one.
std::string end_text(const json::object& flow, const std::string& end) {
    std::string text = seen_text(flow, (end + "_name").c_str());
    if (text.empty()) {
        text = seen_text(flow, end.c_str());
        text = text.find(':') == std::string::npos ? text : fmt::format("[{}]", text);
    }
    const std::uint64_t port = seen_count(flow, (end + "_port").c_str());
    return port == 0 ? text : fmt::format("{}:{}", text, port);
}

// "1.4 kB": of bytes that are all, or with "+" at least so many.
std::string bytes_text(const json::object& flow, const char* key) {
    constexpr double kKilo = 1'000;
    double value = static_cast<double>(seen_count(flow, key));
    const char* unit = "B";
    for (const char* next : {"kB", "MB", "GB"}) {
        if (value >= kKilo) {
            value /= kKilo;
            unit = next;
        }
    }
    return fmt::format(
        "{:.{}f} {}{}", value, *unit == 'B' ? 0 : 1, unit,
        flow.at("counts_are_all").as_bool() ? "" : "+"
    );
}

std::string policy_text(const json::object& flow) {
    const std::string policy = seen_text(flow, "policy");
    return flow.at("grant_line").is_number()
               ? fmt::format("{}, line {}", policy, seen_count(flow, "grant_line"))
               : policy;
}

std::string dash_or(const std::string& text) {
    return text.empty() ? "-" : text;
}

std::string flow_table(const json::object& body) {
    const json::array& flows = body.at("flows").as_array();
    if (flows.empty()) {
        return "No such flow is seen. 'phantom defence' says whether anybody looks.\n";
    }
    std::vector<std::vector<std::string>> rows{
        {"FROM", "TO", "PROTOCOL", "STATE", "WHAT", "NAME", "THERE", "BACK", "SINCE", "POLICY"}
    };
    for (const json::value& each : std::ranges::reverse_view(flows)) {
        const json::object& flow = each.as_object();
        rows.push_back({
            end_text(flow, "from"),
            end_text(flow, "to"),
            seen_text(flow, "protocol"),
            seen_text(flow, "state"),
            dash_or(seen_text(flow, "application")),
            dash_or(seen_text(flow, "name")),
            bytes_text(flow, "bytes_there"),
            bytes_text(flow, "bytes_back"),
            seen_text(flow, "since"),
            policy_text(flow),
        });
    }
    std::string text = show_table(rows);
    const std::uint64_t count = seen_count(body, "count");
    if (count > flows.size() || !body.at("is_whole").as_bool()) {
        text += fmt::format(
            "The newest {} of {}{}; '--last N' shows up to 500.\n", flows.size(),
            body.at("is_whole").as_bool() ? "" : "at least ", count
        );
    }
    return text;
}

std::string seen_risk(const json::object& of) {
    const std::uint64_t tenths = seen_count(of, "risk_tenths");
    return fmt::format("{}.{}", tenths / 10, tenths % 10);
}

std::string seen_subject(const json::object& of) {
    const std::string name = seen_text(of, "subject_name");
    return name.empty() ? seen_text(of, "subject") : name;
}

std::string detection_table(const json::object& body) {
    const json::array& detections = body.at("detections").as_array();
    if (detections.empty()) {
        return "Nothing like that was found since the node started.\n";
    }
    std::vector<std::vector<std::string>> rows{
        {"NUMBER", "AT", "KIND", "SUBJECT", "CONFIDENCE", "RISK", "ALERT", "RULE", "WHAT"}
    };
    for (const json::value& each : std::ranges::reverse_view(detections)) {
        const json::object& detection = each.as_object();
        rows.push_back({
            std::to_string(seen_count(detection, "number")),
            seen_text(detection, "at"),
            seen_text(detection, "kind"),
            seen_subject(detection),
            fmt::format("{:.2f}", detection.at("confidence").to_number<double>()),
            seen_risk(detection),
            std::to_string(seen_count(detection, "alert")),
            seen_text(detection, "rule"),
            seen_text(detection, "text"),
        });
    }
    return show_table(rows);
}

std::string detection_sentences(const json::object& body) {
    std::string text = fmt::format(
        "Detection {}: {}\n{}, {}, at {}\n", seen_count(body, "number"), seen_text(body, "text"),
        seen_subject(body), seen_text(body, "rule"), seen_text(body, "at")
    );
    text += fmt::format(
        "{}, severity {:.1f}, evidence {:+.1f}; confidence {:.2f}, risk {}\n",
        seen_text(body, "kind"), body.at("severity").to_number<double>(),
        body.at("evidence").to_number<double>(), body.at("confidence").to_number<double>(),
        seen_risk(body)
    );
    const std::string explanation(body.at("explanation").as_string());
    text += explanation.empty() ? "Nothing in it was new.\n" : "";
    for (std::string_view left = explanation; !left.empty();) {
        const std::string_view line = left.substr(0, left.find('\n'));
        text += fmt::format("  {}\n", printable(line));
        left.remove_prefix(std::min(line.size() + 1, left.size()));
    }
    return text +
           fmt::format("'phantom alerts {}' tells what became of it.\n", seen_count(body, "alert"));
}

}  // namespace

int list_flows(const Places& places, const SeenArguments& arguments, bool as_json) {
    json::object request{{"verb", "flows"}, {"count", arguments.last}};
    put_text(request, "peer", arguments.peer);
    put_text(request, "address", arguments.address);
    put_number(request, "port", arguments.port);
    put_text(request, "protocol", arguments.protocol);
    put_text(request, "application", arguments.application);
    put_text(request, "state", arguments.state);
    return tell(ask(places, request), as_json, flow_table);
}

int list_detections(const Places& places, const SeenArguments& arguments, bool as_json) {
    if (arguments.number != 0) {
        return tell(
            ask(places, {{"verb", "detections"}, {"number", arguments.number}}), as_json,
            detection_sentences
        );
    }
    json::object request{{"verb", "detections"}, {"count", arguments.last}};
    put_text(request, "kind", arguments.kind);
    put_text(request, "subject", arguments.subject);
    put_text(request, "rule", arguments.rule);
    put_number(request, "alert", arguments.alert);
    return tell(ask(places, request), as_json, detection_table);
}

}  // namespace phantom::cli
