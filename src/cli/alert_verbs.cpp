#include "cli/alert_verbs.h"

#include <CLI/CLI.hpp>

namespace phantom::cli {

namespace {

constexpr const char* kAlertExamples = R"(
Examples:
  phantom alert check alertmanager.yml
  phantom alert test alertmanager.yml --receiver oncall     really sends, and shows what the server answered
  phantom alert send alertmanager.yml --outbox alerts.db < alerts.jsonl

FILE is Alertmanager's. Exit status: 0 all went well; 1 the file is wrong, or something was not delivered;
2 wrong usage. docs/response.md says what is supported.
)";

}  // namespace

void add_alert_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    AlertArguments& given = arguments.alert;
    CLI::App* alert_verb = app.add_subcommand("alert", "who is told what, and by which channel");
    alert_verb->require_subcommand(1);
    alert_verb->footer(kAlertExamples);

    CLI::App* check_verb = verb(
        *alert_verb, "check", "read a configuration, and show its tree",
        [](const Arguments& all) { return check_alert_config(all.alert, all.as_json); }
    );
    check_verb->add_option("file", given.file, "Alertmanager's YAML; '-' is standard input")
        ->required();

    CLI::App* test_verb = verb(
        *alert_verb, "test", "send a message marked as a test through each channel of a receiver",
        [](const Arguments& all) { return test_alert_receiver(all.alert, all.as_json); }
    );
    test_verb->add_option("file", given.file, "Alertmanager's YAML")->required();
    test_verb->add_option("--receiver", given.receiver, "its name")->required();

    CLI::App* send_verb = verb(
        *alert_verb, "send", "deliver alerts, one JSON object on each line of standard input",
        [](const Arguments& all) { return send_alerts(all.alert, all.as_json); }
    );
    send_verb->add_option("file", given.file, "Alertmanager's YAML")->required();
    send_verb
        ->add_option(
            "--outbox", given.outbox,
            "where deliveries are kept until they arrive; used again, it goes on where it was"
        )
        ->required();
}

}  // namespace phantom::cli
