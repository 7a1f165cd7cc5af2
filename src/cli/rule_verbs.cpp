#include "cli/rule_verbs.h"

#include <CLI/CLI.hpp>

namespace phantom::cli {

namespace {

constexpr const char* kRuleExamples = R"(
Examples:
  phantom rules                          which files are in force, since when, and what of them is not
  phantom rules check local.rules        what each rule needs that there is none of; asks no daemon
  phantom rules check *.rules --json
  phantom rules reload                   now, instead of when a change is noticed

Exit status: 0; 1 a rule cannot be used (check), or a file is broken (reload); 2 wrong usage.
Rules are read from files NAME.rules in the folder 'rules' of the state directory, at the start, on SIGHUP and
when one has changed. Connections and what is known of them go on; no packet is missed meanwhile.
docs/detection.md says which rules are understood.
)";

}  // namespace

void add_rule_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    CLI::App* rules = verb(app, "rules", "signatures in force", [](const Arguments& all) {
        return list_rules(all.places, all.as_json);
    });
    rules->footer(kRuleExamples);
    rules->require_subcommand(0, 1);
    verb(
        *rules, "check", "what each rule of a file needs that there is none of",
        [](const Arguments& all) { return check_rules(all.rules, all.as_json); }
    )
        ->add_option("file", arguments.rules.files, "files, or '-'")
        ->required();
    verb(*rules, "reload", "read all of them now", [](const Arguments& all) {
        return reload_rules(all.places, all.as_json);
    });
    // As for feeds: before that of the verb below it, which then counts.
    rules->immediate_callback();
}

}  // namespace phantom::cli
