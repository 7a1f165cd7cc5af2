#include "cli/policy_verbs.h"

#include <CLI/CLI.hpp>

#include "cli/policy.h"

namespace phantom::cli {

void add_policy_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    CLI::App* policy_verb = app.add_subcommand("policy", "who may reach whom");
    policy_verb->require_subcommand(1);
    verb(
        *policy_verb, "set", "sign a new one, and tell every node",
        [](const Arguments& given) { return set_policy(given.places, given.as_json, given.policy); }
    )
        ->add_option("file", arguments.policy.file, "HuJSON; '-' is standard input")
        ->required();
    verb(
        *policy_verb, "check", "read it and run its tests; change nothing",
        [](const Arguments& given) {
            return check_policy(given.places, given.as_json, given.policy);
        }
    )
        ->add_option("file", arguments.policy.file, "HuJSON; '-' is standard input")
        ->required();
    verb(*policy_verb, "show", "the one that holds", [](const Arguments& given) {
        return show_policy(given.places, given.as_json);
    });
    verb(
        *policy_verb, "clear", "go back to none: everybody reaches everybody",
        [](const Arguments& given) { return clear_policy(given.places, given.as_json); }
    );
    CLI::App* explain_verb =
        verb(*policy_verb, "explain", "which rule decides", [](const Arguments& given) {
            return explain_policy(given.places, given.as_json, given.policy);
        });
    explain_verb->add_option("src", arguments.policy.source, "a member, a host or an address")
        ->required();
    explain_verb->add_option("dst", arguments.policy.destination, "likewise")->required();
    explain_verb->add_option("port", arguments.policy.port, "22, tcp:22, udp:53 or icmp")
        ->required();
}

}  // namespace phantom::cli
