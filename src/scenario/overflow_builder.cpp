#include "scenario/overflow_builder.h"

#include <algorithm>

#include "wire/address.h"

namespace phantom::scenario {

namespace {

// Of an event that is itself an overflow, whom that was about.
std::vector<OverflowSource> sources_of_overflow(const Value& event) {
    std::vector<OverflowSource> sources;
    const Value& overflow = event.get_object().at("Overflow");
    if (!overflow.is_object()) {
        return sources;
    }
    for (const Value& each : overflow.get_object().at("Sources").get_array()) {
        const boost::json::object& source = each.get_object();
        sources.push_back(
            {std::string(text_of(source.at("Scope"))), std::string(text_of(source.at("Value")))}
        );
    }
    return sources;
}

std::optional<OverflowSource> source_of(const BucketConfig& config, const Value& event) {
    OverflowSource source{.scope = config.scope, .value = {}};
    if (!config.scope_value) {
        source.value = event_text(event, EventMap::kMeta, "source_ip");
        // Whoever forges a line must not choose what is said: an address, or nothing.
        const bool is_address = wire::Address::parse(source.value).has_value();
        return is_address ? std::optional(source) : std::nullopt;
    }
    Value copy = event;
    const auto value = config.scope_value->evaluate({.event = &copy});
    source.value = value ? written(*value).value_or("") : "";
    return source.value.empty() ? std::nullopt : std::optional(source);
}

}  // namespace

std::optional<Overflow> build_overflow(
    const BucketConfig& config, const Bucket& bucket, std::int64_t stop_ns
) {
    Overflow overflow;
    for (const SharedEvent& event : bucket.events()) {
        std::vector<OverflowSource> found = sources_of_overflow(*event);
        if (found.empty()) {
            auto source = source_of(config, *event);
            if (!source) {
                return std::nullopt;
            }
            found.push_back(*std::move(source));
        }
        for (OverflowSource& each : found) {
            if (std::ranges::find(overflow.sources, each) == overflow.sources.end()) {
                overflow.sources.push_back(std::move(each));
            }
        }
        overflow.events.push_back(event->get_object().at("Meta"));
    }
    if (overflow.sources.empty()) {
        return std::nullopt;
    }
    if (overflow.events.size() > kEventsToldMax) {
        overflow.events.erase(overflow.events.begin(), overflow.events.end() - kEventsToldMax);
    }
    overflow.scenario = config.name;
    overflow.description = config.description;
    overflow.events_count = bucket.count();
    overflow.start_at = Moment{.ns = bucket.first_ns()}.to_string();
    overflow.stop_at = Moment{.ns = stop_ns}.to_string();
    overflow.labels = config.labels;
    const Value* remediation =
        config.labels.is_object() ? config.labels.get_object().if_contains("remediation") : nullptr;
    overflow.is_remediable =
        remediation != nullptr && remediation->is_bool() && remediation->get_bool();
    return overflow;
}

Value event_of(const Overflow& overflow, std::int64_t now_ns) {
    Value event = new_event("", {});
    boost::json::array sources;
    for (const OverflowSource& each : overflow.sources) {
        sources.push_back(boost::json::object{
            {"Scope", each.scope},
            {"Value", each.value},
            {"IP", each.scope == "Ip" ? each.value : std::string()},
            {"Range", ""}
        });
    }
    boost::json::object& fields = event.get_object();
    fields["Type"] = "overflow";
    fields["Overflow"] = boost::json::object{
        {"Alert",
         boost::json::object{
             {"Remediation", overflow.is_remediable},
             {"Scenario", overflow.scenario},
             {"EventsCount", static_cast<std::int64_t>(overflow.events_count)},
             {"Source", sources.empty() ? Value() : sources.front()}
         }},
        {"Sources", sources}
    };
    set_event_time(event, {.ns = now_ns});
    return event;
}

}  // namespace phantom::scenario
