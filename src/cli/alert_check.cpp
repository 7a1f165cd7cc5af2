#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "alert/message_text.h"
#include "cli/alert.h"
#include "cli/alert_config.h"
#include "cli/output.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

std::vector<std::string> texts_of(const alert::Matchers& matchers) {
    std::vector<std::string> texts;
    for (const alert::Matcher& matcher : matchers) {
        texts.push_back(alert::one_line(matcher.to_string()));
    }
    return texts;
}

json::array json_list(const std::vector<std::string>& texts) {
    json::array made(texts.begin(), texts.end());  // in braces it would be an array of two
    return made;
}

json::object route_as_json(const alert::Route& route) {
    json::array routes;
    for (const alert::Route& child : route.routes) {
        routes.push_back(route_as_json(child));
    }
    std::vector<std::string> group_by = route.group_by;
    if (route.group_by_all) {
        group_by = {"..."};
    }
    return {
        {"path", route.path},
        {"receiver", alert::one_line(route.receiver)},
        {"matchers", json_list(texts_of(route.matchers))},
        {"continue", route.goes_on},
        {"group_by", json_list(group_by)},
        {"group_wait", alert::duration_text(route.group_wait)},
        {"group_interval", alert::duration_text(route.group_interval)},
        {"repeat_interval", alert::duration_text(route.repeat_interval)},
        {"mute_time_intervals", json_list(route.mute_times)},
        {"active_time_intervals", json_list(route.active_times)},
        {"routes", std::move(routes)}
    };
}

std::vector<std::string> channels_of(const alert::Receiver& receiver) {
    std::vector<std::string> names;
    names.reserve(receiver.channels.size());
    for (const alert::Channel& channel : receiver.channels) {
        names.emplace_back(alert::name_of(channel));
    }
    return names;
}

json::object config_as_json(const alert::Config& config) {
    json::array receivers;
    for (const auto& [name, receiver] : config.receivers) {
        receivers.push_back(
            {{"name", alert::one_line(name)}, {"channels", json_list(channels_of(receiver))}}
        );
    }
    json::array notes;
    for (const alert::Remark& note : config.notes) {
        notes.push_back(
            {{"line", note.line}, {"column", note.column}, {"text", alert::one_line(note.text)}}
        );
    }
    return {
        {"schema", "phantom.alert-check/1"},
        {"route", route_as_json(config.root)},
        {"receivers", std::move(receivers)},
        {"inhibit_rules", config.inhibit_rules.size()},
        {"time_intervals", config.time_intervals.size()},
        {"notes", std::move(notes)}
    };
}

std::string route_as_text(const alert::Route& route, std::size_t depth) {
    const std::string matchers = route.matchers.empty()
                                     ? "every alert"
                                     : fmt::format("{}", fmt::join(texts_of(route.matchers), ", "));
    std::string text = fmt::format(
        "{:{}}{} -> {}   wait {}, then every {}, again after {}{}\n", "", 2 * depth, matchers,
        alert::one_line(route.receiver), alert::duration_text(route.group_wait),
        alert::duration_text(route.group_interval), alert::duration_text(route.repeat_interval),
        route.goes_on ? ", and on to the next" : ""
    );
    for (const alert::Route& child : route.routes) {
        text += route_as_text(child, depth + 1);
    }
    return text;
}

std::string config_as_text(const alert::Config& config, const std::string& file) {
    std::string text = route_as_text(config.root, 0) + "\n";
    for (const auto& [name, receiver] : config.receivers) {
        const std::vector<std::string> channels = channels_of(receiver);
        text += fmt::format(
            "{}: {}\n", alert::one_line(name),
            channels.empty() ? "nobody is told" : fmt::format("{}", fmt::join(channels, ", "))
        );
    }
    for (const alert::Remark& note : config.notes) {
        text += "note: " + alert::one_line(place_of(file, note)) + "\n";
    }
    return text;
}

}  // namespace

int check_alert_config(const AlertArguments& arguments, bool as_json) {
    const auto config = load_alert_config(arguments.file);
    if (!config) {
        return static_cast<int>(Exit::kFailed);
    }
    if (as_json) {
        print_json(config_as_json(*config));
    } else {
        print(config_as_text(*config, arguments.file));
    }
    return 0;
}

}  // namespace phantom::cli
