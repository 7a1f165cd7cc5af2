#include "alert/config_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "alert/escalation_reader.h"
#include "alert/receiver_reader.h"

namespace phantom::alert {

namespace {

// Aliases may repeat each other, and even contain themselves; what is walked here is what the reader walks.
bool is_bounded(const YAML::Node& node, std::size_t depth, std::size_t& left) {
    constexpr std::size_t kDepthMax = 2 * kRouteDepthMax + 16;
    if (left == 0 || depth > kDepthMax) {
        return false;
    }
    --left;
    if (node.IsMap()) {
        return std::ranges::all_of(node.begin(), node.end(), [&](const auto& field) {
            return is_bounded(field.first, depth + 1, left) &&
                   is_bounded(field.second, depth + 1, left);
        });
    }
    return !node.IsSequence() ||
           std::ranges::all_of(node.begin(), node.end(), [&](const auto& item) {
               return is_bounded(item, depth + 1, left);
           });
}

void add_matcher(
    Section& section, const YAML::Node& at, std::expected<Matcher, std::string> matcher,
    Matchers& into
) {
    if (!matcher) {
        section.faults().add(at, matcher.error());
    } else if (into.size() == kMatchersMax) {
        section.faults().add(at, fmt::format("more than {} matchers", kMatchersMax));
    } else {
        into.push_back(std::move(*matcher));
    }
}

// Of `match`, NAME: VALUE.
void read_match(Section& section, std::string_view key, Matcher::Kind kind, Matchers& into) {
    const YAML::Node node = section.take(key);
    if (!node.IsDefined()) {
        return;
    }
    if (!node.IsMap()) {
        section.faults().add(node, fmt::format("'{}' is not a mapping of labels to values", key));
        return;
    }
    for (const auto& field : node) {
        const std::string name = field.first.IsScalar() ? field.first.Scalar() : "";
        if (field.second.IsNull() && kind == Matcher::Kind::kMatches) {
            section.faults().add(field.first, fmt::format("'{}' has no expression", name));
        } else if (!field.second.IsScalar() && !field.second.IsNull()) {
            section.faults().add(
                field.second, fmt::format("the value of '{}' is not a text", name)
            );
        } else {
            const std::string value = field.second.IsNull() ? "" : field.second.Scalar();
            add_matcher(section, field.first, make_matcher(name, kind, value), into);
        }
    }
}

Matchers read_matchers(
    Section& section, std::string_view match, std::string_view match_re, std::string_view matchers
) {
    Matchers all;
    read_match(section, match, Matcher::Kind::kEqual, all);
    read_match(section, match_re, Matcher::Kind::kMatches, all);
    for (const YAML::Node& node : section.list(matchers)) {
        if (!node.IsScalar()) {
            section.faults().add(node, fmt::format("'{}' is a list of texts", matchers));
            continue;
        }
        auto parsed = parse_matchers(node.Scalar());
        if (!parsed) {
            section.faults().add(node, fmt::format("{}: {}", node.Scalar(), parsed.error()));
            continue;
        }
        for (Matcher& matcher : *parsed) {
            add_matcher(section, node, std::move(matcher), all);
        }
    }
    return all;
}

void read_group_by(Section& section, Route& route) {
    if (!section.has("group_by")) {
        static_cast<void>(section.take("group_by"));
        return;
    }
    route.group_by = section.texts("group_by");
    std::ranges::sort(route.group_by);
    if (std::ranges::adjacent_find(route.group_by) != route.group_by.end()) {
        section.fault_at("group_by", "a label stands in 'group_by' twice");
    }
    route.group_by_all = std::ranges::find(route.group_by, "...") != route.group_by.end();
    if (route.group_by_all && route.group_by.size() > 1) {
        section.fault_at("group_by", "'...' means all labels, and stands alone");
    }
    for (const std::string& name : route.group_by) {
        if (!route.group_by_all && !is_label_name(name)) {
            section.fault_at("group_by", fmt::format("'{}' is not a label's name", name));
        }
    }
    if (route.group_by_all) {
        route.group_by.clear();
    }
}

void read_times(Section& section, Route& route) {
    route.group_wait = section.duration("group_wait", route.group_wait);
    route.group_interval = section.duration("group_interval", route.group_interval);
    route.repeat_interval = section.duration("repeat_interval", route.repeat_interval);
    for (const auto& [key, duration] :
         {std::pair("group_interval", route.group_interval),
          std::pair("repeat_interval", route.repeat_interval)}) {
        if (duration == Duration(0)) {
            section.fault_at(key, fmt::format("'{}' is zero", key));
        }
    }
}

void check_names(
    Section& section, std::string_view key, const std::vector<std::string>& names,
    const Config& config
) {
    for (const std::string& name : names) {
        if (!config.time_intervals.contains(name)) {
            section.fault_at(key, fmt::format("there is no time interval '{}'", name));
        }
    }
}

// What a child does not say is its parent's; matchers, times of muting and `continue` are its own.
Route inherited(const Route& parent, std::size_t index) {
    Route route = parent;
    route.matchers.clear();
    route.mute_times.clear();
    route.active_times.clear();
    route.routes.clear();
    route.goes_on = false;
    route.path = fmt::format("{}{}{}", parent.path, parent.path == "/" ? "" : "/", index);
    return route;
}

Route read_route(
    const YAML::Node& node, Route route, std::size_t depth, Config& config, Faults& faults
) {
    Section section(node, "route", faults);
    route.receiver = section.text("receiver", route.receiver);
    if (!config.receivers.contains(route.receiver)) {
        section.fault_at("receiver", fmt::format("there is no receiver '{}'", route.receiver));
    }
    read_group_by(section, route);
    read_times(section, route);
    route.matchers = read_matchers(section, "match", "match_re", "matchers");
    route.goes_on = section.flag("continue", false);
    route.mute_times = section.texts("mute_time_intervals");
    route.active_times = section.texts("active_time_intervals");
    check_names(section, "mute_time_intervals", route.mute_times, config);
    check_names(section, "active_time_intervals", route.active_times, config);
    read_route_escalation(section, route, config);
    for (const std::string& key : section.pass_over({"labels"})) {
        config.notes.push_back(
            remark_at(node.Mark(), fmt::format("route: of no effect here: {}", key))
        );
    }
    const std::vector<YAML::Node> children = section.list("routes");
    if (!children.empty() && depth == kRouteDepthMax) {
        section.fault(fmt::format("routes more than {} deep", kRouteDepthMax));
        return route;
    }
    for (std::size_t index = 0; index < children.size(); ++index) {
        route.routes.push_back(
            read_route(children[index], inherited(route, index), depth + 1, config, faults)
        );
    }
    section.refuse_others();
    return route;
}

void read_root(Section& top, Config& config) {
    const YAML::Node node = top.take("route");
    if (!node.IsDefined()) {
        top.fault("'route' is missing");
        return;
    }
    config.root = read_route(node, {}, 0, config, top.faults());
    if (config.root.receiver.empty()) {
        top.fault_at("route", "the first route needs a 'receiver'");
    }
    if (!config.root.matchers.empty()) {
        top.fault_at("route", "the first route is for every alert, and has no matchers");
    }
    if (config.root.goes_on) {
        top.fault_at("route", "the first route has nothing to continue with");
    }
    if (!config.root.mute_times.empty() || !config.root.active_times.empty()) {
        top.fault_at("route", "the first route is never muted");
    }
}

void read_receivers(Section& top, const GlobalOptions& global, Config& config) {
    for (const YAML::Node& node : top.list("receivers")) {
        Section section(node, "receivers", top.faults());
        const std::string name = section.text("name");
        const bool is_new =
            config.receivers.try_emplace(name, read_receiver(section, global, config.notes)).second;
        if (!is_new) {
            section.fault(fmt::format("there are two receivers '{}'", name));
        }
    }
}

template <class Parse>
NumberRanges read_ranges(Section& section, std::string_view key, Parse parse) {
    NumberRanges ranges;
    for (const std::string& text : section.texts(key)) {
        const auto range = parse(text);
        if (range) {
            ranges.push_back(*range);
        } else {
            section.fault_at(key, fmt::format("{}: {}", key, range.error()));
        }
    }
    return ranges;
}

NumberRanges read_minutes(Section& section) {
    NumberRanges ranges;
    for (const YAML::Node& node : section.list("times")) {
        Section times(node, "times", section.faults());
        const auto begin = parse_time_of_day(times.text("start_time"));
        const auto end = parse_time_of_day(times.text("end_time"));
        times.refuse_others();
        if (!begin || !end || *begin >= *end) {
            times.fault("'start_time' and 'end_time' are HH:MM, the second later than the first");
        } else {
            ranges.push_back({*begin, *end});
        }
    }
    return ranges;
}

TimeInterval read_interval(const YAML::Node& node, const ReadZone& zones, Faults& faults) {
    Section section(node, "time_intervals", faults);
    TimeInterval interval{
        .minutes = read_minutes(section),
        .weekdays = read_ranges(section, "weekdays", parse_weekdays),
        .days_of_month = read_ranges(section, "days_of_month", parse_days_of_month),
        .months = read_ranges(section, "months", parse_months),
        .years = read_ranges(section, "years", parse_years),
        .zone = nullptr
    };
    std::string place;
    interval.zone = read_zone_name(section, "location", zones, place);
    section.refuse_others();
    return interval;
}

void read_time_intervals(
    Section& top, std::string_view key, const ReadZone& zones, Config& config
) {
    for (const YAML::Node& node : top.list(key)) {
        Section section(node, std::string(key), top.faults());
        const std::string name = section.text("name");
        std::vector<TimeInterval> intervals;
        for (const YAML::Node& interval : section.list("time_intervals")) {
            intervals.push_back(read_interval(interval, zones, top.faults()));
        }
        section.refuse_others();
        if (name.empty()) {
            section.fault("a time interval without a name");
        } else if (!config.time_intervals.try_emplace(name, std::move(intervals)).second) {
            section.fault(fmt::format("there are two time intervals '{}'", name));
        }
    }
}

void read_inhibit_rules(Section& top, Config& config) {
    for (const YAML::Node& node : top.list("inhibit_rules")) {
        Section section(node, "inhibit_rules", top.faults());
        InhibitRule rule{
            .source = read_matchers(section, "source_match", "source_match_re", "source_matchers"),
            .target = read_matchers(section, "target_match", "target_match_re", "target_matchers"),
            .equal = section.texts("equal")
        };
        for (const std::string& name : rule.equal) {
            if (!is_label_name(name)) {
                section.fault_at("equal", fmt::format("'{}' is not a label's name", name));
            }
        }
        static_cast<void>(section.pass_over({"name"}));
        section.refuse_others();
        config.inhibit_rules.push_back(std::move(rule));
    }
}

GlobalOptions read_global_section(Section& top, Config& config) {
    const YAML::Node node = top.take("global");
    if (!node.IsDefined()) {
        return {};
    }
    Section section(node, "global", top.faults());
    GlobalOptions global = read_global(section, config.notes);
    config.resolve_timeout = section.duration("resolve_timeout", config.resolve_timeout);
    section.refuse_others();
    return global;
}

Config read_top(const YAML::Node& node, const ReadZone& zones, Faults& faults) {
    Config config;
    Section top(node, "the file", faults);
    const GlobalOptions global = read_global_section(top, config);
    read_receivers(top, global, config);
    read_time_intervals(top, "time_intervals", zones, config);
    read_time_intervals(top, "mute_time_intervals", zones, config);
    read_rotas(top, zones, config);
    read_escalations(top, config);
    read_inhibit_rules(top, config);
    read_root(top, config);
    for (const std::string& key : top.pass_over({"templates", "tracing"})) {
        config.notes.push_back(
            remark_at(node[key].Mark(), fmt::format("of no effect here: {}", key))
        );
    }
    top.refuse_others();
    return config;
}

Status resolve(Secret& secret, const ReadSecret& read) {
    if (secret.file.empty()) {
        return {};
    }
    secret.text = PM_TRY(read(secret.file));
    if (secret.text.empty()) {
        return fail(AlertError::kSecretFile);
    }
    return {};
}

std::vector<Secret*> secrets_of(Channel& channel) {
    std::vector<Secret*> secrets;
    std::visit(
        [&](auto& kind) {
            if constexpr (requires { kind.http; }) {
                secrets = {&kind.http.password, &kind.http.authorization};
            }
            if constexpr (requires { kind.url.file; }) {
                secrets.push_back(&kind.url);
            }
            if constexpr (requires { kind.signing_key; }) {
                secrets.push_back(&kind.signing_key);
            }
            if constexpr (requires { kind.password; }) {
                secrets.push_back(&kind.password);
            }
            if constexpr (requires { kind.app_token; }) {
                secrets.push_back(&kind.app_token);
            }
            if constexpr (requires { kind.routing_key; }) {
                secrets.push_back(&kind.routing_key);
            }
            if constexpr (requires { kind.token; }) {
                secrets.push_back(&kind.token);
            }
        },
        channel.kind
    );
    return secrets;
}

}  // namespace

std::expected<Config, std::vector<Remark>> read_config(
    std::string_view text, const ReadZone& zones
) {
    using Refused = std::unexpected<std::vector<Remark>>;
    if (text.size() > kConfigSizeMax) {
        return Refused({Remark{.text = fmt::format("longer than {} bytes", kConfigSizeMax)}});
    }
    Faults faults;
    // yaml-cpp throws what it says of a text that is no YAML.
    try {
        const YAML::Node node = YAML::Load(std::string(text));
        std::size_t left = kConfigNodesMax;
        if (!is_bounded(node, 0, left)) {
            return Refused({Remark{.text = "aliases make this too large, or it is nested too deep"}}
            );
        }
        Config config = read_top(node, zones, faults);
        if (faults.empty()) {
            return config;
        }
    } catch (const YAML::Exception& thrown) {
        faults.add(thrown.mark, thrown.msg);
    }
    std::vector<Remark> found = faults.take();
    std::ranges::stable_sort(found, {}, [](const Remark& each) {
        return std::pair(each.line, each.column);
    });
    return Refused(std::move(found));
}

Status resolve_secrets(Receiver& receiver, const ReadSecret& read) {
    for (Channel& channel : receiver.channels) {
        for (Secret* const secret : secrets_of(channel)) {
            PM_TRY(resolve(*secret, read));
        }
    }
    return {};
}

}  // namespace phantom::alert
