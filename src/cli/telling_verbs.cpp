#include "cli/telling_verbs.h"

#include <CLI/CLI.hpp>

#include "cli/durations.h"

namespace phantom::cli {

namespace {

constexpr std::uint32_t kSilencedMaxS = 365 * 86'400;

constexpr const char* kAlertsExamples = R"(
Examples:
  phantom alerts                what was found, how bad it is, and who was told
  phantom alerts 3              why, what can be done, and each delivery
  phantom alerts test oncall    really sends to each channel of this receiver, and shows what it answered
  phantom alerts reload         read alerts.yml again, as SIGHUP does

Whom to tell stands in alerts.yml of the state directory: docs/response.md, "Alerts".
)";

constexpr const char* kAckExamples = R"(
Examples:
  phantom ack 3                 whoever would be told next is not
  phantom ack --link TOKEN      as it stands in the message; once, and for a day
)";

constexpr const char* kSilenceExamples = R"(
Examples:
  phantom silence add alertname=port-scan peer=birch --for 2h --comment "our own scan"
  phantom silence list
  phantom silence expire 1
)";

constexpr const char* kOnCallExamples = R"(
Examples:
  phantom oncall                                    whose turn it is
  phantom oncall ops ann --for 8h                   ann stands in from now on
  phantom oncall ops ann --from 2026-12-24T09:00:00+01:00 --for 2d
)";

CLI::Option* add_for(CLI::App* verb, TellingArguments& given, const char* help) {
    return verb->add_option("--for", given.for_s, help)
        ->transform(duration_in_seconds())
        ->check(CLI::Range(std::uint32_t{1}, kSilencedMaxS));
}

void add_silence_verbs(CLI::App& app, TellingArguments& given, const AddVerb& verb) {
    CLI::App* silence = app.add_subcommand("silence", "nobody is told of some alerts for a while");
    silence->require_subcommand(1);
    silence->footer(kSilenceExamples);
    CLI::App* add = verb(*silence, "add", "begin one", [](const Arguments& all) {
        return add_silence(all.places, all.telling, all.as_json);
    });
    add->add_option("matchers", given.matchers, "all must hold: peer=birch, rule=~\"suricata:.*\"")
        ->required();
    add_for(add, given, "how long: 90s, 15m, 1h (the default), 365d at most");
    add->add_option("--by", given.author, "who silences");
    add->add_option("--comment", given.comment, "why");
    verb(*silence, "list", "those that hold", [](const Arguments& all) {
        return list_silences(all.places, all.as_json);
    });
    verb(
        *silence, "expire", "end one",
        [](const Arguments& all) { return expire_silence(all.places, all.telling, all.as_json); }
    )
        ->add_option("number", given.number, "as 'phantom silence list' shows it")
        ->required();
}

}  // namespace

void add_telling_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    TellingArguments& given = arguments.telling;
    CLI::App* alerts = verb(
        app, "alerts", "what was found, how bad it is, and who was told",
        [](const Arguments& all) { return show_alerts(all.places, all.telling, all.as_json); }
    );
    alerts->footer(kAlertsExamples);
    alerts->add_option("what", given.what, "a number, 'test' or 'reload'; without it, all");
    alerts->add_option("receiver", given.receiver, "of a test: as alerts.yml calls it");
    CLI::App* ack =
        verb(app, "ack", "say that somebody looks at an alert", [](const Arguments& all) {
            return acknowledge_alert(all.places, all.telling, all.as_json);
        });
    ack->footer(kAckExamples);
    ack->add_option("number", given.number, "as 'phantom alerts' shows it");
    ack->add_option("--link", given.link, "the token of a message");
    add_silence_verbs(app, given, verb);
    verb(
        app, "escalations", "who is told next, and when, where nobody has answered",
        [](const Arguments& all) { return list_escalations(all.places, all.as_json); }
    );
    CLI::App* oncall = verb(app, "oncall", "whose turn it is", [](const Arguments& all) {
        return show_on_call(all.places, all.telling, all.as_json);
    });
    oncall->footer(kOnCallExamples);
    oncall->add_option("rota", given.rota, "in which somebody stands in");
    oncall->add_option("who", given.who, "a receiver of alerts.yml");
    oncall->add_option("--from", given.from, "when it begins (default: now)");
    add_for(oncall, given, "how long: 8h, 2d; an hour where it is not said");
}

}  // namespace phantom::cli
