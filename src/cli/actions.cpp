#include "cli/actions.h"

#include <fmt/format.h>

#include "cli/output.h"
#include "cli/show.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

std::string text_at(const json::object& of, const char* key) {
    return std::string(of.at(key).as_string());
}

std::uint64_t count_at(const json::object& of, const char* key) {
    return of.at(key).to_number<std::uint64_t>();
}

// "59m", "2h10m", "12d": the two largest units.
std::string lasting_text(std::uint64_t seconds) {
    if (seconds < 60) {
        return fmt::format("{}s", seconds);
    }
    if (seconds < 3'600) {
        return fmt::format("{}m{}s", seconds / 60, seconds % 60);
    }
    return seconds < 86'400 ? fmt::format("{}h{}m", seconds / 3'600, seconds / 60 % 60)
                            : fmt::format("{}d{}h", seconds / 86'400, seconds / 3'600 % 24);
}

std::string list_text(const json::array& list) {
    std::string text;
    for (const json::value& each : list) {
        text.append(text.empty() ? "" : ",");
        text.append(
            each.is_string() ? printable(std::string(each.as_string()))
                             : std::to_string(each.to_number<std::uint64_t>())
        );
    }
    return text.empty() ? "-" : text;
}

std::string what_text(const json::object& action) {
    std::string text = text_at(action, "executor");
    if (const auto* rate = action.if_contains("rate")) {
        text += fmt::format(" {}/s", rate->to_number<std::uint64_t>());
    }
    return text;
}

// "would cut 3 flows: ..."
std::string effect_text(const json::object& body) {
    return fmt::format("{}\n", printable(text_at(body.at("effect").as_object(), "text")));
}

std::string action_table(const json::object& body) {
    const json::array& actions = body.at("actions").as_array();
    if (actions.empty()) {
        return "This node acts against nobody. 'phantom block ADDRESS' or 'phantom act' would.\n";
    }
    std::vector<std::vector<std::string>> rows{
        {"NUMBER", "STATE", "KIND", "TARGET", "LEFT", "AFTER", "REASON"}
    };
    std::string effects;  // of proposals
    for (const json::value& each : actions) {
        const json::object& action = each.as_object();
        std::string left = lasting_text(count_at(action, "remaining_s"));
        left += action.at("renews").as_bool() ? ", renews" : "";
        left += action.at("confirm_by").is_string() ? ", unless confirmed" : "";
        rows.push_back({
            std::to_string(count_at(action, "number")),
            text_at(action, "state"),
            what_text(action),
            printable(text_at(action, "target")),
            left,
            list_text(action.at("depends_on").as_array()),
            printable(text_at(action, "reason")),
        });
        if (action.contains("effect")) {
            effects += fmt::format("Action {} {}", count_at(action, "number"), effect_text(action));
        }
    }
    return show_table(rows) + effects;
}

std::string act_text(const json::object& body) {
    const std::string what =
        fmt::format("{} against {}", what_text(body), printable(text_at(body, "target")));
    if (body.at("number").is_null()) {
        return fmt::format(
            "{} could be done, and {}Nothing was changed.\n", what, effect_text(body)
        );
    }
    const std::uint64_t number = count_at(body, "number");
    if (text_at(body, "state") == "proposed") {
        return fmt::format(
            "{0} is proposed: it {2}'phantom actions approve {1}' does it, within an hour.\n", what,
            number, effect_text(body)
        );
    }
    std::string text = fmt::format(
        "Action {0}: {1}, until {2}. 'phantom undo {0}' takes it back.\n", number, what,
        text_at(body, "until")
    );
    if (body.at("confirm_by").is_string()) {
        text +=
            fmt::format("It is taken back then, unless 'phantom confirm {}' is said.\n", number);
    }
    return text;
}

}  // namespace

int act(const Places& places, const ActionArguments& arguments, bool as_json) {
    json::object request{
        {"verb", "act"},
        {"executor", arguments.executor},
        {"target", arguments.target},
        {"via", arguments.via},
        {"rate", arguments.rate},
        {"for_s", arguments.for_s},
        {"renew", arguments.renew},
        {"propose", arguments.propose},
        {"reason", arguments.reason},
        {"dry_run", arguments.dry_run},
    };
    json::array after;
    for (const std::uint64_t number : arguments.after) {
        after.emplace_back(static_cast<std::int64_t>(number));
    }
    request["after"] = std::move(after);
    if (arguments.confirm_s != 0) {
        request["confirm_s"] = arguments.confirm_s;
    }
    return tell(ask(places, request), as_json, act_text);
}

int block_address(const Places& places, const ActionArguments& arguments, bool as_json) {
    const Answer answer =
        ask(places, {{"verb", "block"},
                     {"address", arguments.address},
                     {"for_s", arguments.for_s},
                     {"reason", arguments.reason},
                     {"dry_run", arguments.dry_run}});
    return tell(answer, as_json, [](const json::object& body) {
        if (body.at("number").is_null()) {
            return fmt::format(
                "{} would be blocked, which {}Nothing was changed.\n", text_at(body, "address"),
                effect_text(body)
            );
        }
        return fmt::format(
            "{} is blocked until {}. 'phantom undo {}' takes it back.\n", text_at(body, "address"),
            text_at(body, "until"), count_at(body, "number")
        );
    });
}

int list_actions(const Places& places, const ActionArguments& arguments, bool as_json) {
    if (arguments.verdict.empty()) {
        return tell(ask(places, {{"verb", "actions"}}), as_json, action_table);
    }
    const Answer answer =
        ask(places, {{"verb", "action." + arguments.verdict}, {"number", arguments.number}});
    const bool approved = arguments.verdict == "approve";
    return tell(answer, as_json, [&](const json::object& /*body*/) {
        return approved ? fmt::format(
                              "Action {0} is in force. 'phantom undo {0}' takes it back.\n",
                              arguments.number
                          )
                        : fmt::format("Proposal {} is denied.\n", arguments.number);
    });
}

int confirm_action(const Places& places, const ActionArguments& arguments, bool as_json) {
    const Answer answer = ask(places, {{"verb", "action.confirm"}, {"number", arguments.number}});
    return tell(answer, as_json, [&](const json::object& /*body*/) {
        return fmt::format("Action {} stays.\n", arguments.number);
    });
}

int undo_action(const Places& places, const ActionArguments& arguments, bool as_json) {
    const Answer answer =
        ask(places,
            {{"verb", "undo"}, {"number", arguments.number}, {"cascade", arguments.cascade}});
    return tell(answer, as_json, [&](const json::object& /*body*/) {
        return fmt::format("Action {} is taken back.\n", arguments.number);
    });
}

}  // namespace phantom::cli
