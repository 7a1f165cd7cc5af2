#include "alert/escalation_reader.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "alert/alert_json.h"

namespace phantom::alert {

namespace {

// "2026-01-05"; nothing where it is no date.
std::optional<std::int64_t> day_of_date(const std::string& text) {
    const auto at = parse_rfc3339(text + "T00:00:00Z");
    if (!at) {
        return std::nullopt;
    }
    constexpr std::int64_t kNsOfDay = 86'400'000'000'000;
    return at->ns / kNsOfDay - (at->ns % kNsOfDay < 0 ? 1 : 0);
}

void check_people(Section& section, const Rota& rota, const Config& config) {
    if (rota.people.empty() || rota.people.size() > kRotaPeopleMax) {
        section.fault_at("people", fmt::format("'people' are 1 to {} receivers", kRotaPeopleMax));
    }
    for (const std::string& who : rota.people) {
        if (!config.receivers.contains(who)) {
            section.fault_at("people", fmt::format("there is no receiver '{}'", who));
        }
    }
}

RotaOverride read_override_section(const YAML::Node& node, const Config& config, Faults& faults) {
    Section section(node, "overrides", faults);
    const auto from = parse_rfc3339(section.text("from"));
    const auto until = parse_rfc3339(section.text("until"));
    RotaOverride read{.from = {}, .until = {}, .who = section.text("who")};
    if (!from || !until || *until <= *from) {
        section.fault("'from' and 'until' are times as 2026-12-24T09:00:00+01:00, in this order");
    } else {
        read.from = *from;
        read.until = *until;
    }
    if (!config.receivers.contains(read.who)) {
        section.fault_at("who", fmt::format("there is no receiver '{}'", read.who));
    }
    section.refuse_others();
    return read;
}

Rota read_rota(Section& section, const ReadZone& zones, const Config& config) {
    Rota rota;
    rota.name = section.text("name");
    rota.zone = read_zone_name(section, "time_zone", zones, rota.zone_name);
    rota.people = section.texts("people");
    check_people(section, rota, config);
    const auto handover = parse_time_of_day(section.text("handover", "09:00"));
    if (!handover || *handover == 24 * 60) {
        section.fault_at("handover", "'handover' is a time of day, as 09:00");
    } else {
        rota.handover_minute = *handover;
    }
    const auto first_day = day_of_date(section.text("starts", "2026-01-05"));
    if (!first_day) {
        section.fault_at("starts", "'starts' is a date, as 2026-01-05");
    } else {
        rota.first_day = *first_day;
    }
    constexpr Duration kDay = std::chrono::hours(24);
    constexpr std::int64_t kShiftDaysMax = 366;
    const Duration shift = section.duration("shift", 7 * kDay);
    if (shift % kDay != Duration(0) || shift < kDay || shift > kShiftDaysMax * kDay) {
        section.fault_at("shift", "'shift' is a number of whole days, as 7d");
    } else {
        rota.shift_days = static_cast<int>(shift / kDay);
    }
    for (const YAML::Node& node : section.list("overrides")) {
        if (rota.overrides.size() == kRotaOverridesMax) {
            section.fault(fmt::format("more than {} overrides", kRotaOverridesMax));
            break;
        }
        rota.overrides.push_back(read_override_section(node, config, section.faults()));
    }
    section.refuse_others();
    return rota;
}

void check_target(Section& section, const std::string& target, const Config& config) {
    const std::string_view prefix = kRotaPrefix;
    if (target.starts_with(prefix)) {
        if (!config.rotas.contains(target.substr(prefix.size()))) {
            section.fault_at(
                "targets", fmt::format("there is no rota '{}'", target.substr(prefix.size()))
            );
        }
    } else if (!config.receivers.contains(target)) {
        section.fault_at(
            "targets", fmt::format("there is no receiver '{}'; a rota is 'rota:NAME'", target)
        );
    }
}

EscalationLevel read_level(const YAML::Node& node, const Config& config, Faults& faults) {
    Section section(node, "levels", faults);
    EscalationLevel level;
    level.after = section.duration("after", Duration(0));
    level.targets = section.texts("targets");
    if (level.targets.size() > kEscalationTargetsMax) {
        section.fault_at("targets", fmt::format("more than {} targets", kEscalationTargetsMax));
    }
    for (const std::string& target : level.targets) {
        check_target(section, target, config);
    }
    section.refuse_others();
    return level;
}

EscalationPolicy read_policy(Section& section, const Config& config) {
    EscalationPolicy policy;
    policy.name = section.text("name");
    const auto priority = parse_priority(section.text("priority", "P1"));
    if (!priority) {
        section.fault_at("priority", priority.error().what());
    } else {
        policy.priority = *priority;
    }
    for (const YAML::Node& node : section.list("levels")) {
        policy.levels.push_back(read_level(node, config, section.faults()));
    }
    if (policy.levels.empty() || policy.levels.size() > kEscalationLevelsMax) {
        section.fault(fmt::format("'levels' are 1 to {}", kEscalationLevelsMax));
    }
    if (!std::ranges::is_sorted(policy.levels, {}, &EscalationLevel::after)) {
        section.fault_at("levels", "a level's 'after' is less than that of the one before");
    }
    const std::size_t repeats = section.number("repeats", 0);
    if (repeats > kEscalationRepeatsMax) {
        section.fault_at("repeats", fmt::format("more than {} repeats", kEscalationRepeatsMax));
    }
    policy.repeats = static_cast<std::uint32_t>(std::min<std::size_t>(repeats, 100));
    section.refuse_others();
    return policy;
}

}  // namespace

ZonePointer read_zone_name(
    Section& section, std::string_view key, const ReadZone& zones, std::string& name
) {
    name = section.text(key, "UTC");
    if (name == "UTC") {
        return nullptr;
    }
    auto zone = zones ? zones(name) : Result<TimeZone>(fail(AlertError::kTimeZone));
    if (!zone) {
        section.fault_at(
            key, fmt::format("there is no time zone '{}' on this machine (tzdata)", name)
        );
        return nullptr;
    }
    return std::make_shared<const TimeZone>(std::move(*zone));
}

void read_rotas(Section& top, const ReadZone& zones, Config& config) {
    for (const YAML::Node& node : top.list("rotas")) {
        Section section(node, "rotas", top.faults());
        const Rota rota = read_rota(section, zones, config);
        if (rota.name.empty()) {
            section.fault("a rota without a name");
        } else if (!config.rotas.try_emplace(rota.name, rota).second) {
            section.fault(fmt::format("there are two rotas '{}'", rota.name));
        }
    }
}

void read_escalations(Section& top, Config& config) {
    for (const YAML::Node& node : top.list("escalations")) {
        Section section(node, "escalations", top.faults());
        const EscalationPolicy policy = read_policy(section, config);
        if (policy.name.empty() || policy.name == kNoEscalation) {
            section.fault("an escalation needs a name, and another one than 'none'");
        } else if (!config.escalations.try_emplace(policy.name, policy).second) {
            section.fault(fmt::format("there are two escalations '{}'", policy.name));
        }
    }
    config.escalations.try_emplace(default_escalation().name, default_escalation());
}

void read_route_escalation(Section& section, Route& route, const Config& config) {
    route.escalation = section.text("escalation", route.escalation);
    if (route.escalation != kNoEscalation && !config.escalations.contains(route.escalation)) {
        section.fault_at(
            "escalation", fmt::format("there is no escalation '{}'", route.escalation)
        );
    }
}

}  // namespace phantom::alert
