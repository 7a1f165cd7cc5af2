#pragma once

// What holds for a verb beside its options: whether it may be watched, what its --json is called, its examples, and what
// it ends with. Help, man pages, docs/reference/cli.md and `phantom schema` are made of it; a test fails where a verb is
// missing here.

#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>

namespace phantom::cli {

struct VerbGrammar {
    std::string_view path;  // "token create"
    bool reads = false;     // changes nothing: it may be watched
    std::vector<std::string_view> schemas = {};
    std::string_view examples = {};  // empty: they stand beside its options
    std::string_view exits = {};     // beside those that all have; empty: no more
    // Options, or "OPTION=VALUE", with which one that reads changes something after all.
    std::vector<std::string_view> writes_with = {};
};

[[nodiscard]] const std::vector<VerbGrammar>& grammar();
// Null where there is none.
[[nodiscard]] const VerbGrammar* grammar_of(std::string_view path);

// "token create" of the verb; empty of the program itself.
[[nodiscard]] std::string path_of(const CLI::App& verb);
// Those that do something: all but the ones that only have verbs below them.
[[nodiscard]] std::vector<const CLI::App*> all_verbs(const CLI::App& app);

// It changes nothing, as it was called.
[[nodiscard]] bool only_reads(const CLI::App& verb);

// Gives each verb its examples. After all verbs are there.
void add_examples(CLI::App& app);

// The exit statuses that all verbs have.
inline constexpr std::string_view kExitStatuses =
    "Exit status: 0 done, 1 failed, 2 wrong usage, 3 no daemon runs; 4 'policy explain': denied.";

}  // namespace phantom::cli
