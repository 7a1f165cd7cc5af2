#include "cli/root_verbs.h"

#include <CLI/CLI.hpp>

#include "cli/durations.h"

namespace phantom::cli {

namespace {

constexpr unsigned kSplitMin = 2;
constexpr unsigned kSplitMax = 16;
constexpr std::uint32_t kHeldMaxS = 7 * 86'400;

void add_file_of_shares(CLI::App& verb, Arguments& arguments) {
    verb.add_option("file", arguments.root.file, "of shares, one a line (default: standard input)");
}

}  // namespace

void add_root_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    CLI::App* root_verb =
        app.add_subcommand("root", "the key that admits and puts out: where it is, and its shares");
    root_verb->require_subcommand(1);
    CLI::App* split_verb = verb(
        *root_verb, "split", "print shares of it; some of them restore it",
        [](const Arguments& given) { return split_root(given.places, given.as_json, given.root); }
    );
    split_verb->add_option("--threshold", arguments.root.threshold, "how many restore it")
        ->required();
    split_verb->add_option("--shares", arguments.root.shares, "how many are made, 16 at most")
        ->required()
        ->check(CLI::Range(kSplitMin, kSplitMax));
    CLI::App* seal_verb = verb(
        *root_verb, "seal", "erase it from this machine, once shares of it are seen to be good",
        [](const Arguments& given) { return seal_root(given.places, given.as_json, given.root); }
    );
    add_file_of_shares(*seal_verb, arguments);
    seal_verb->add_flag(
        "--force", arguments.root.force, "ask for no shares: without them it is lost for good"
    );
    CLI::App* unseal_verb =
        verb(*root_verb, "unseal", "hold it here, from shares", [](const Arguments& given) {
            return unseal_root(given.places, given.as_json, given.root);
        });
    add_file_of_shares(*unseal_verb, arguments);
    auto* duration = unseal_verb->add_option(
        "--for", arguments.root.for_s,
        "how long, in memory only: 90s, 15m, 1h (the default), 7d at most"
    );
    duration->transform(duration_in_seconds())->check(CLI::Range(std::uint32_t{1}, kHeldMaxS));
    unseal_verb->add_flag("--keep", arguments.root.keep, "for good, on this machine's disk")
        ->excludes(duration);
    verb(
        *root_verb, "status", "whether it is held here, and who holds it",
        [](const Arguments& given) { return show_root(given.places, given.as_json); }
    );
}

}  // namespace phantom::cli
