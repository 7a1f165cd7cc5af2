#include "cli/action_verbs.h"

#include <CLI/CLI.hpp>

#include "cli/durations.h"

namespace phantom::cli {

namespace {

constexpr std::uint32_t kLastingMaxS = 365 * 86'400;
constexpr std::uint32_t kConfirmMaxS = 86'400;

constexpr const char* kActExamples = R"(
Kinds of action, and their targets:
  firewall ADDRESS        its packets are dropped
  rate-limit ADDRESS      at most --rate bytes a second come in from it; or from a MEMBER
  isolation MEMBER        no packets from it or to it, but the mesh's own; @self: this machine
  tunnel MEMBER           its sessions are ended, and it is not answered
  rekey MEMBER            new keys are agreed with it
  route PREFIX            packets to it are dropped; with --via MEMBER: it is not gone to by that one
  credential MEMBER       its certificate counts for nothing here

Examples:
  phantom act isolation birch --for 2h --reason 'sends what it never did' --dry-run
  phantom act rate-limit 203.0.113.9 --rate 100k
  phantom act route 198.51.100.0/24 --via birch --after 3
  phantom act isolation @self --confirm-within 2m    then, if you are still there: phantom confirm 4

'phantom actions' lists what is in force, 'phantom undo NUMBER' takes it back.
)";

constexpr const char* kActionsExamples = R"(
Examples:
  phantom actions
  phantom actions approve 4   what was proposed is done
  phantom actions deny 4
)";

void add_terms(CLI::App& verb, ActionArguments& action) {
    verb.add_option("--for", action.for_s, "how long: 90s, 15m, 1h (the default), 365d at most")
        ->transform(duration_in_seconds())
        ->check(CLI::Range(std::uint32_t{1}, kLastingMaxS));
    verb.add_option("--reason", action.reason, "for those who read the list");
    verb.add_flag(
        "--dry-run", action.dry_run, "say whether it would be done, and what it would cut"
    );
}

void add_act_verb(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    ActionArguments& action = arguments.action;
    CLI::App* act_verb = verb(
        app, "act", "act against an address, a member or a route, for a time",
        [](const Arguments& given) { return act(given.places, given.action, given.as_json); }
    );
    act_verb->footer(kActExamples);
    act_verb->add_option("executor", action.executor, "what kind of action")
        ->required()
        ->check(CLI::IsMember(
            {"firewall", "rate-limit", "isolation", "tunnel", "rekey", "route", "credential"}
        ));
    act_verb->add_option("target", action.target, "whom or what it is about")->required();
    add_terms(*act_verb, action);
    act_verb
        ->add_option(
            "--rate", action.rate, "of rate-limit: 100k, 1M (the default) or 10M bytes a second"
        )
        ->transform(CLI::CheckedTransformer(std::map<std::string, std::uint32_t>{
            {"100k", 100'000}, {"1M", 1'000'000}, {"10M", 10'000'000}
        }));
    act_verb->add_option("--via", action.via, "of route: the member that is not gone by");
    act_verb->add_option("--after", action.after, "it ends with this action; may be said again")
        ->allow_extra_args(false);
    act_verb->add_flag(
        "--renew", action.renew, "renewed at half of its time while the daemon runs"
    );
    act_verb
        ->add_option(
            "--confirm-within", action.confirm_s,
            "taken back unless 'phantom confirm' says within this time that all is well"
        )
        ->transform(duration_in_seconds())
        ->check(CLI::Range(std::uint32_t{1}, kConfirmMaxS));
    act_verb->add_flag("--propose", action.propose, "only if somebody approves it within an hour")
        ->excludes("--dry-run");
}

}  // namespace

void add_action_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    ActionArguments& action = arguments.action;
    CLI::App* block_verb = verb(
        app, "block", "drop all packets from an address, for a time",
        [](const Arguments& given) {
            return block_address(given.places, given.action, given.as_json);
        }
    );
    block_verb->add_option("address", action.address, "IPv4 or IPv6")->required();
    add_terms(*block_verb, action);
    add_act_verb(app, arguments, verb);
    CLI::App* actions = verb(
        app, "actions", "what this node does against others, and what waits for a word",
        [](const Arguments& given) {
            return list_actions(given.places, given.action, given.as_json);
        }
    );
    actions->footer(kActionsExamples);
    CLI::Option* verdict = actions->add_option("verdict", action.verdict, "approve or deny");
    verdict->check(CLI::IsMember({"approve", "deny"}));
    CLI::Option* about = actions->add_option("number", action.number, "of a proposal");
    verdict->needs(about);
    about->needs(verdict);
    CLI::App* undo = verb(
        app, "undo", "take an action back; all is as if it had not been",
        [](const Arguments& given) {
            return undo_action(given.places, given.action, given.as_json);
        }
    );
    undo->add_option("number", action.number, "as 'phantom actions' shows it")->required();
    undo->add_flag("--cascade", action.cascade, "and first those that depend on it");
    verb(
        app, "confirm", "say that all is well with an action: it stays",
        [](const Arguments& given) {
            return confirm_action(given.places, given.action, given.as_json);
        }
    )
        ->add_option("number", action.number, "as 'phantom actions' shows it")
        ->required();
}

}  // namespace phantom::cli
