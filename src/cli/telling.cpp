#include "cli/telling.h"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <thread>

#include <fmt/format.h>

#include "cli/output.h"
#include "cli/show.h"
#include "fields/fields.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

// As long as a server may take for one try, and a little.
constexpr std::chrono::seconds kTestPatience{35};
constexpr std::chrono::milliseconds kTestInterval{50};

std::string told_text(const json::object& of, const char* key) {
    return printable(fields::word_at(of, key));
}

std::string told_risk(const json::object& of) {
    const std::uint64_t tenths = fields::count_at(of, "risk_tenths");
    return fmt::format("{}.{}", tenths / 10, tenths % 10);
}

std::string or_dash(const std::string& text) {
    return text.empty() ? "-" : text;
}

std::string joined(const json::object& of, const char* key) {
    std::string text;
    for (const json::value& each : fields::list_at(of, key)) {
        text += (text.empty() ? "" : ", ") +
                (each.is_string() ? printable(std::string_view(each.get_string()))
                                  : std::to_string(each.to_number<std::uint64_t>()));
    }
    return text;
}

// How it is with being told; what the pipeline says where nobody is.
std::string state_of(const json::object& alert) {
    const std::string telling = told_text(alert, "telling");
    return telling.empty() ? told_text(alert, "state") : telling;
}

std::string channel_sentences(const json::object& body) {
    const json::value* value = body.if_contains("telling");
    if (value == nullptr || !value->is_object()) {
        return "";
    }
    const json::object& telling = value->get_object();
    if (!telling.at("kept").as_bool()) {
        return "\nThe store of alerts cannot be used: nobody is told. The daemon's log says why.\n";
    }
    const std::string config = told_text(telling, "config");
    std::string text;
    if (const std::string problem = told_text(telling, "config_problem"); !problem.empty()) {
        text += fmt::format("\nNot taken: {}\n", problem);
    } else if (!telling.at("config_read").as_bool()) {
        text +=
            fmt::format("\nNobody is told: write {} and say 'phantom alerts reload'.\n", config);
    }
    const std::uint64_t dead = fields::count_at(telling, "dead_letters");
    const std::uint64_t waiting = fields::count_at(telling, "waiting");
    const std::uint64_t shed = fields::count_at(telling, "shed");
    if (waiting + dead + shed > 0) {
        text += fmt::format(
            "\n{} deliveries wait, {} were given up, {} gave way to what matters more.\n", waiting,
            dead, shed
        );
    }
    for (const json::value& each : telling.at("dead_letters_last").as_array()) {
        const json::object& letter = each.as_object();
        text += fmt::format(
            "  given up: alert {} to {} ({}) at {}: {}\n", or_dash(joined(letter, "alerts")),
            told_text(letter, "receiver"), told_text(letter, "channel"), told_text(letter, "done"),
            told_text(letter, "answer")
        );
    }
    return text;
}

std::string told_table(const json::object& body) {
    const json::array& alerts = body.at("alerts").as_array();
    if (alerts.empty()) {
        return "There are no alerts.\n" + channel_sentences(body);
    }
    std::vector<std::vector<std::string>> rows{
        {"NUMBER", "PRIORITY", "RISK", "STATE", "LAST", "TIMES", "INCIDENT", "ACTION", "TOLD",
         "WHAT"}
    };
    for (const json::value& each : alerts) {
        const json::object& alert = each.as_object();
        const std::uint64_t incident = fields::count_at(alert, "incident");
        const std::uint64_t action = fields::count_at(alert, "action");
        rows.push_back({
            std::to_string(fields::count_at(alert, "number")),
            told_text(alert, "priority"),
            told_risk(alert),
            state_of(alert),
            told_text(alert, "last"),
            std::to_string(fields::count_at(alert, "count")),
            incident == 0 ? "-" : std::to_string(incident),
            action == 0 ? "-" : std::to_string(action),
            or_dash(joined(alert, "told")),
            told_text(alert, "text"),
        });
    }
    return show_table(rows) + channel_sentences(body);
}

std::string delivery_table(const json::array& deliveries) {
    if (deliveries.empty()) {
        return "Nobody was told.\n";
    }
    std::vector<std::vector<std::string>> rows{
        {"WHEN", "WHO", "CHANNEL", "WHAT", "STATE", "TRIES", "ANSWER"}
    };
    for (const json::value& each : deliveries) {
        const json::object& delivery = each.as_object();
        const std::uint64_t level = fields::count_at(delivery, "level");
        rows.push_back({
            told_text(delivery, "put"),
            told_text(delivery, "receiver"),
            told_text(delivery, "channel"),
            delivery.at("resolved").as_bool() ? "the end"
            : level > 0                       ? fmt::format("level {}", level)
                                              : "alert",
            told_text(delivery, "state"),
            std::to_string(fields::count_at(delivery, "attempts")),
            or_dash(told_text(delivery, "answer")),
        });
    }
    return show_table(rows);
}

std::string alert_in_full(const json::object& alert) {
    const std::string name = told_text(alert, "subject_name");
    std::string text = fmt::format(
        "Alert {}: {}\n{} {}, {}, {} times since {}\n", fields::count_at(alert, "number"),
        told_text(alert, "text"), name.empty() ? "a stranger," : name, told_text(alert, "subject"),
        state_of(alert), fields::count_at(alert, "count"), told_text(alert, "first")
    );
    if (const std::string by = told_text(alert, "acknowledged_by"); !by.empty()) {
        text += fmt::format("acknowledged by {}\n", by);
    }
    // Several lines, made by this node; what others wrote stands in none of them.
    if (std::string_view rest = fields::word_at(alert, "assessment"); !rest.empty()) {
        text += "\n";
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            text += "  " + printable(rest.substr(0, end)) + "\n";
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    if (const std::string history = told_text(alert, "history"); !history.empty()) {
        text += fmt::format("\nBefore: {}\n", history);
    }
    if (const std::string suggested = told_text(alert, "suggested"); !suggested.empty()) {
        text += fmt::format("\nWhat can be done: {}\n", suggested);
    }
    const json::value* deliveries = alert.if_contains("deliveries");
    return text + "\n" +
           (deliveries == nullptr ? std::string("Nobody was told.\n")
                                  : delivery_table(deliveries->as_array()));
}

// What came of a delivery, once there is an answer; as it is when patience is over.
Answer wait_for_delivery(
    const Places& places, const std::string& key, std::chrono::steady_clock::time_point end
) {
    for (;;) {
        Answer answer = ask(places, {{"verb", "alerts.delivery"}, {"key", key}});
        if (answer.exit != Exit::kOk || fields::count_at(answer.body, "attempts") > 0 ||
            told_text(answer.body, "state") != "waiting" ||
            std::chrono::steady_clock::now() > end) {
            return answer;
        }
        std::this_thread::sleep_for(kTestInterval);
    }
}

int test_receiver(const Places& places, const std::string& receiver, bool as_json) {
    const Answer sent = ask(places, {{"verb", "alerts.test"}, {"receiver", receiver}});
    if (sent.exit != Exit::kOk) {
        return fail_with(sent);
    }
    const auto end = std::chrono::steady_clock::now() + kTestPatience;
    json::array channels;
    bool all_delivered = true;
    for (const json::value& key : sent.body.at("keys").as_array()) {
        const Answer answer = wait_for_delivery(places, std::string(key.as_string()), end);
        if (answer.exit != Exit::kOk) {
            return fail_with(answer);
        }
        all_delivered = all_delivered && told_text(answer.body, "state") == "delivered";
        channels.push_back(answer.body);
    }
    if (as_json) {
        print_json(
            {{"schema", "phantom.alerts_test/1"}, {"receiver", receiver}, {"channels", channels}}
        );
    } else {
        for (const json::value& each : channels) {
            const json::object& channel = each.as_object();
            const bool is_delivered = told_text(channel, "state") == "delivered";
            print(fmt::format(
                "{:<13}  {:<9}  {}  {}\n", is_delivered ? "delivered" : "NOT DELIVERED",
                told_text(channel, "channel"), told_text(channel, "destination"),
                told_text(channel, "answer")
            ));
        }
    }
    return static_cast<int>(all_delivered ? Exit::kOk : Exit::kFailed);
}

int wrong_usage(const std::string& text) {
    (void)std::fputs(("phantom: " + text + "\n").c_str(), stderr);
    return static_cast<int>(Exit::kUsage);
}

}  // namespace

int show_alerts(const Places& places, const TellingArguments& arguments, bool as_json) {
    const std::string& what = arguments.what;
    if (what.empty()) {
        return tell(ask(places, {{"verb", "alerts"}}), as_json, told_table);
    }
    if (what == "reload") {
        return tell(
            ask(places, {{"verb", "alerts.reload"}}), as_json,
            [](const json::object& body) {
                return body.at("config_read").as_bool()
                           ? fmt::format("{} is in force.\n", told_text(body, "config"))
                           : fmt::format(
                                 "{} is not there: nobody is told.\n", told_text(body, "config")
                             );
            }
        );
    }
    if (what == "test") {
        return arguments.receiver.empty()
                   ? wrong_usage("whom? 'phantom alerts test RECEIVER', as the file calls it")
                   : test_receiver(places, arguments.receiver, as_json);
    }
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(what.data(), what.data() + what.size(), number);
    if (error != std::errc() || end != what.data() + what.size() || number == 0) {
        return wrong_usage("'phantom alerts' takes a number, 'test RECEIVER' or 'reload'");
    }
    return tell(ask(places, {{"verb", "alerts"}, {"number", number}}), as_json, alert_in_full);
}

int acknowledge_alert(const Places& places, const TellingArguments& arguments, bool as_json) {
    if (arguments.link.empty() == (arguments.number == 0)) {
        return wrong_usage("'phantom ack NUMBER', or 'phantom ack --link TOKEN' of a message");
    }
    if (arguments.link.empty()) {
        const Answer answer = ask(places, {{"verb", "ack"}, {"number", arguments.number}});
        return tell(answer, as_json, [&](const json::object& /*body*/) {
            return fmt::format("Alert {} is acknowledged.\n", arguments.number);
        });
    }
    const Answer answer = ask(places, {{"verb", "ack.link"}, {"token", arguments.link}});
    return tell(answer, as_json, [](const json::object& body) {
        return fmt::format(
            "Acknowledged for {}: alert {}.\n", told_text(body, "by"),
            or_dash(joined(body, "numbers"))
        );
    });
}

int add_silence(const Places& places, const TellingArguments& arguments, bool as_json) {
    std::string matchers;
    for (const std::string& each : arguments.matchers) {
        matchers += (matchers.empty() ? "" : ", ") + each;
    }
    const Answer answer =
        ask(places, {{"verb", "silence.add"},
                     {"matchers", "{" + matchers + "}"},
                     {"for_s", arguments.for_s},
                     {"author", arguments.author},
                     {"comment", arguments.comment}});
    return tell(answer, as_json, [](const json::object& body) {
        return fmt::format(
            "Silence {} holds until {}. 'phantom silence expire {}' ends it.\n",
            fields::count_at(body, "number"), told_text(body, "until"),
            fields::count_at(body, "number")
        );
    });
}

int list_silences(const Places& places, bool as_json) {
    return tell(ask(places, {{"verb", "silences"}}), as_json, [](const json::object& body) {
        const json::array& silences = body.at("silences").as_array();
        if (silences.empty()) {
            return std::string("Nothing is silenced.\n");
        }
        std::vector<std::vector<std::string>> rows{{"NUMBER", "UNTIL", "MATCHERS", "BY", "COMMENT"}
        };
        for (const json::value& each : silences) {
            const json::object& silence = each.as_object();
            rows.push_back({
                std::to_string(fields::count_at(silence, "number")),
                told_text(silence, "until"),
                told_text(silence, "matchers"),
                or_dash(told_text(silence, "author")),
                or_dash(told_text(silence, "comment")),
            });
        }
        return show_table(rows);
    });
}

int expire_silence(const Places& places, const TellingArguments& arguments, bool as_json) {
    const Answer answer = ask(places, {{"verb", "silence.expire"}, {"number", arguments.number}});
    return tell(answer, as_json, [&](const json::object& /*body*/) {
        return fmt::format("Silence {} is over.\n", arguments.number);
    });
}

int list_escalations(const Places& places, bool as_json) {
    return tell(ask(places, {{"verb", "escalations"}}), as_json, [](const json::object& body) {
        const json::array& escalations = body.at("escalations").as_array();
        if (escalations.empty()) {
            return std::string("No escalation is under way.\n");
        }
        std::vector<std::vector<std::string>> rows{
            {"ALERTS", "POLICY", "BEGAN", "ROUND", "NEXT LEVEL", "AT"}
        };
        for (const json::value& each : escalations) {
            const json::object& escalation = each.as_object();
            rows.push_back({
                or_dash(joined(escalation, "alerts")),
                told_text(escalation, "policy"),
                told_text(escalation, "began"),
                std::to_string(fields::count_at(escalation, "round")),
                fmt::format(
                    "{} of {}", fields::count_at(escalation, "next_level"),
                    fields::count_at(escalation, "levels")
                ),
                told_text(escalation, "next"),
            });
        }
        return show_table(rows);
    });
}

int show_on_call(const Places& places, const TellingArguments& arguments, bool as_json) {
    if (arguments.rota.empty() != arguments.who.empty()) {
        return wrong_usage("'phantom oncall', or 'phantom oncall ROTA WHO --for 8h'");
    }
    const Answer answer = arguments.rota.empty() ? ask(places, {{"verb", "oncall"}})
                                                 : ask(places, {{"verb", "oncall.override"},
                                                                {"rota", arguments.rota},
                                                                {"who", arguments.who},
                                                                {"from", arguments.from},
                                                                {"for_s", arguments.for_s}});
    return tell(answer, as_json, [](const json::object& body) {
        const json::array& rotas = body.at("rotas").as_array();
        if (rotas.empty()) {
            return std::string("There is no rota. The section 'rotas' of alerts.yml makes one.\n");
        }
        std::vector<std::vector<std::string>> rows{
            {"ROTA", "ON CALL", "UNTIL", "THEN", "UNTIL", "TIME ZONE"}
        };
        for (const json::value& each : rotas) {
            const json::object& rota = each.as_object();
            const json::object& now = rota.at("now").as_object();
            const json::object& next = rota.at("next").as_object();
            rows.push_back({
                told_text(rota, "rota"),
                told_text(now, "who") + (now.at("override").as_bool() ? " (stands in)" : ""),
                told_text(now, "until"),
                told_text(next, "who"),
                told_text(next, "until"),
                told_text(rota, "time_zone"),
            });
        }
        return show_table(rows);
    });
}

}  // namespace phantom::cli
