#include "incident/record.h"

#include <ctime>

#include <fmt/format.h>

namespace phantom::incident {

namespace {

namespace json = boost::json;

// Times are kept to the nanosecond, so that what is read is what was written.
std::string ns_text(WallTime time) {
    return std::to_string(time.ns);
}

// The getters below throw what Boost.JSON throws where a field is not there or another kind;
// from_json() turns that into kBadRecord.
WallTime time_at(const json::object& of, const char* key) {
    const std::string text(of.at("times_ns").as_object().at(key).as_string());
    return {std::stoll(text)};
}

template <class T>
json::array array_of(const T& values) {
    json::array array;
    for (const auto& each : values) {
        array.emplace_back(each);
    }
    return array;
}

std::vector<std::uint64_t> numbers_at(const json::object& of, const char* key) {
    std::vector<std::uint64_t> numbers;
    for (const json::value& each : of.at(key).as_array()) {
        numbers.push_back(each.to_number<std::uint64_t>());
    }
    return numbers;
}

struct TimeField {
    const char* name;
    WallTime Incident::* field;
};
constexpr TimeField kTimes[]{
    {"first_seen", &Incident::first_seen}, {"opened", &Incident::opened},
    {"last_seen", &Incident::last_seen},   {"acknowledged", &Incident::acknowledged},
    {"contained", &Incident::contained},   {"recovered", &Incident::recovered},
    {"closed", &Incident::closed},
};

// Earlier versions did not write these.
const json::value* later_field(const json::object& of, const char* key) {
    return of.if_contains(key);
}

wire::Address address_in(const json::value& value) {
    const std::string_view text(value.as_string());
    const auto address = wire::Address::parse(text);
    if (!text.empty() && !address) {
        throw std::invalid_argument("address");
    }
    return address ? *address : wire::Address{};
}

void read_addresses(const json::object& of, const char* key, std::set<wire::Address>& out) {
    if (const json::value* list = later_field(of, key)) {
        for (const json::value& each : list->as_array()) {
            out.insert(address_in(each));
        }
    }
}

AlertFact read_fact(const json::object& of) {
    return {
        .alert = of.at("alert").to_number<std::uint64_t>(),
        .subject = address_in(of.at("subject")),
        .object = address_in(of.at("object")),
        .technique = std::string(of.at("technique").as_string()),
        .text = std::string(of.at("text").as_string()),
        .first_seen = {std::stoll(std::string(of.at("first_ns").as_string()))},
        .last_seen = {std::stoll(std::string(of.at("last_ns").as_string()))},
    };
}

std::string address_text(const wire::Address& address) {
    return address.is_none() ? "" : address.to_string();
}

json::object describe_fact(const AlertFact& fact) {
    return {
        {"alert", fact.alert},
        {"subject", address_text(fact.subject)},
        {"object", address_text(fact.object)},
        {"technique", fact.technique},
        {"text", fact.text},
        {"first_ns", ns_text(fact.first_seen)},
        {"last_ns", ns_text(fact.last_seen)},
    };
}

json::array addresses_of(const std::set<wire::Address>& addresses) {
    json::array array;
    for (const wire::Address& each : addresses) {
        array.emplace_back(each.to_string());
    }
    return array;
}

std::uint64_t later_number(const json::object& of, const char* key) {
    const json::value* value = later_field(of, key);
    return value == nullptr ? 0 : value->to_number<std::uint64_t>();
}

void read_later_fields(const json::object& of, Incident& incident) {
    read_addresses(of, "subjects", incident.subjects);
    read_addresses(of, "objects", incident.objects);
    if (const json::value* facts = later_field(of, "facts")) {
        for (const json::value& each : facts->as_array()) {
            incident.facts.push_back(read_fact(each.as_object()));
        }
    }
    if (const json::value* playbooks = later_field(of, "playbooks")) {
        for (const json::value& each : playbooks->as_array()) {
            incident.playbooks.emplace(each.as_string());
        }
    }
    incident.merged_into = later_number(of, "merged_into");
    incident.split_from = later_number(of, "split_from");
    incident.subjects.insert(incident.subject);
}

Result<Incident> read_incident(const json::object& of) {
    Incident incident;
    const auto state = state_of(std::string_view(of.at("state").as_string()));
    const auto subject = wire::Address::parse(std::string_view(of.at("subject").as_string()));
    if (of.at("schema").as_string() != kIncidentSchema || !state || !subject) {
        return fail(IncidentError::kBadRecord);
    }
    incident.number = of.at("number").to_number<std::uint64_t>();
    incident.state = *state;
    incident.subject = *subject;
    incident.subject_name = of.at("subject_name").as_string();
    incident.title = of.at("title").as_string();
    incident.risk_tenths = of.at("risk_tenths").to_number<int>();
    incident.priority = of.at("priority").to_number<int>();
    incident.first_confidence = of.at("first_confidence").to_number<double>();
    for (const TimeField& each : kTimes) {
        incident.*each.field = time_at(of, each.name);
    }
    for (const json::value& each : of.at("techniques").as_array()) {
        incident.techniques.emplace(each.as_string());
    }
    incident.alerts = numbers_at(of, "alerts");
    incident.actions = numbers_at(of, "actions");
    for (const json::value& each : of.at("timeline").as_array()) {
        const json::object& entry = each.as_object();
        incident.timeline.push_back(
            {.at = {std::stoll(std::string(entry.at("at_ns").as_string()))},
             .source = std::string(entry.at("source").as_string()),
             .text = std::string(entry.at("text").as_string())}
        );
    }
    incident.not_kept = of.at("not_kept").to_number<std::uint64_t>();
    read_later_fields(of, incident);
    const bool bounded =
        incident.subjects.size() <= kAddressesMax && incident.objects.size() <= kAddressesMax &&
        incident.facts.size() <= kNumbersMax && incident.playbooks.size() <= kPlaybooksMax &&
        incident.timeline.size() <= kTimelineMax && incident.priority >= 1 &&
        incident.priority <= 5 && incident.techniques.size() <= kTechniquesMax;
    return bounded ? Result<Incident>(std::move(incident)) : fail(IncidentError::kBadRecord);
}

}  // namespace

std::string time_text(WallTime time) {
    if (time.ns <= 0) {
        return "";
    }
    const std::time_t seconds = time.ns / 1'000'000'000;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return fmt::format(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
        parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, time.ns / 1'000'000 % 1'000
    );
}

json::object to_json(const Incident& incident) {
    json::object times;
    json::object exact;
    for (const TimeField& each : kTimes) {
        times[each.name] = time_text(incident.*each.field);
        exact[each.name] = ns_text(incident.*each.field);
    }
    json::array timeline;
    for (const TimelineEntry& entry : incident.timeline) {
        timeline.push_back(json::object{
            {"at", time_text(entry.at)},
            {"at_ns", ns_text(entry.at)},
            {"source", entry.source},
            {"text", entry.text},
        });
    }
    json::array facts;
    for (const AlertFact& each : incident.facts) {
        facts.push_back(describe_fact(each));
    }
    return {
        {"schema", kIncidentSchema},
        {"number", incident.number},
        {"state", name_of(incident.state)},
        {"subject", incident.subject.to_string()},
        {"subject_name", incident.subject_name},
        {"title", incident.title},
        {"risk_tenths", incident.risk_tenths},
        {"priority", incident.priority},
        {"first_confidence", incident.first_confidence},
        {"times", std::move(times)},
        {"times_ns", std::move(exact)},
        {"techniques", array_of(incident.techniques)},
        {"alerts", array_of(incident.alerts)},
        {"actions", array_of(incident.actions)},
        {"timeline", std::move(timeline)},
        {"not_kept", incident.not_kept},
        {"subjects", addresses_of(incident.subjects)},
        {"objects", addresses_of(incident.objects)},
        {"facts", std::move(facts)},
        {"playbooks", array_of(incident.playbooks)},
        {"merged_into", incident.merged_into},
        {"split_from", incident.split_from},
    };
}

Result<Incident> from_json(const json::value& value) {
    // Boost.JSON tells of a missing field or another kind by throwing, std::stoll of what is no number.
    try {
        return read_incident(value.as_object());
    } catch (const std::exception&) {
        return fail(IncidentError::kBadRecord);
    }
}

Result<Incident> parse_incident(std::string_view text) {
    boost::system::error_code error;
    const json::value value = json::parse(text, error);
    return error ? Result<Incident>(fail(IncidentError::kBadRecord)) : from_json(value);
}

}  // namespace phantom::incident
