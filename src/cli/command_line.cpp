#include "cli/command_line.h"

#include <algorithm>
#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/action_verbs.h"
#include "cli/alert_verbs.h"
#include "cli/api_token_verbs.h"
#include "cli/completion.h"
#include "cli/cvss.h"
#include "cli/defence_verbs.h"
#include "cli/detect_verb.h"
#include "cli/feed_verbs.h"
#include "cli/grammar.h"
#include "cli/handling_verbs.h"
#include "cli/machine_verbs.h"
#include "cli/meshes.h"
#include "cli/node_verbs.h"
#include "cli/output.h"
#include "cli/policy_verbs.h"
#include "cli/reference.h"
#include "cli/root_verbs.h"
#include "cli/route_verbs.h"
#include "cli/rule_verbs.h"
#include "cli/schema.h"
#include "cli/seen_verbs.h"
#include "cli/telling_verbs.h"
#include "cli/watch.h"
#include "manual/manual.h"

namespace phantom::cli {

namespace {

constexpr std::size_t kMeshNameMax = 32;
constexpr double kWatchLeastS = 0.2;
constexpr double kWatchMostS = 3'600;
constexpr const char* kExamples = R"(
Examples:
  phantom init                         make a mesh, print the invitation for the next node
  phantom join phantom1...             become a node of it
  phantom status                       who is there, by which path, how far away
  phantom status --watch               again and again
  phantom top                          the mesh and its threats, live
  phantom doctor                       whether this machine is as a node needs it
  phantom ping amber                   round trips inside the tunnel
  phantom token create --uses 5        one invitation for five machines
  phantom --mesh work join phantom1... become a node of another mesh as well
)";

std::string mesh_name(const std::string& given) {
    const bool is_name =
        !given.empty() && given.size() <= kMeshNameMax && given.front() != '-' &&
        std::ranges::all_of(given, [](char each) {
            return (each >= 'a' && each <= 'z') || (each >= '0' && each <= '9') || each == '-';
        });
    return is_name ? "" : "a mesh's name has a-z, 0-9 and '-', 32 at most";
}

int print_manual(const CLI::App& app) {
    print(manual::manual(
        app, {.name = "phantom",
              .section = 1,
              .does = "the command of a PhantomMesh node",
              .usage = "",
              .related = "phantomd(8), wg(8)"}
    ));
    return 0;
}

}  // namespace

CommandLine::CommandLine() : app_("PhantomMesh: a self-hosted, post-quantum mesh VPN") {
    app_.footer(fmt::format("{}\n{}\n", kExamples, kExitStatuses));
    app_.require_subcommand(1);
    app_.fallthrough();
    add_options();
    add_verbs();
    add_page_verbs();
    add_examples(app_);
}

CommandLine::~CommandLine() = default;

void CommandLine::add_options() {
    app_.add_option("--state-dir", arguments_.places.state_dir, "keys and members")
        ->capture_default_str();
    app_.add_option("--run-dir", arguments_.places.run_dir, "control socket and pid file")
        ->capture_default_str();
    app_.add_option(
            "--mesh", arguments_.mesh, "of several meshes of this machine, the one called so"
    )
        ->envname("PHANTOM_MESH")
        ->check(mesh_name);
    app_.add_flag("--json", arguments_.as_json, "answer in JSON, with a versioned schema");
    app_.add_option(
            "--watch", arguments_.watch_s,
            "ask again every so many seconds (2), until Ctrl-C; for verbs that change nothing"
    )
        ->expected(0, 1)
        ->default_str("2")
        ->check(CLI::Range(kWatchLeastS, kWatchMostS));
}

void CommandLine::add_verbs() {
    const AddVerb verb = [this](CLI::App& in, const char* name, const char* help, Command does) {
        CLI::App* made = in.add_subcommand(name, help);
        // A verb that has verbs below it is not meant where one of these is.
        made->callback([this, does, made] {
            if (made->get_subcommands().empty()) {
                command_ = does;
                verb_ = made;
            }
        });
        return made;
    };
    add_node_verbs(app_, arguments_, verb);
    add_machine_verbs(app_, arguments_, verb);
    add_api_token_verbs(app_, arguments_, verb);
    add_policy_verbs(app_, arguments_, verb);
    add_route_verbs(app_, arguments_, verb);
    add_root_verbs(app_, arguments_, verb);
    add_cvss_verb(app_, arguments_, verb);
    add_action_verbs(app_, arguments_, verb);
    add_defence_verbs(app_, arguments_, verb);
    add_telling_verbs(app_, arguments_, verb);
    add_handling_verbs(app_, arguments_, verb);
    add_seen_verbs(app_, arguments_, verb);
    add_detect_verb(app_, arguments_, verb);
    add_rule_verbs(app_, arguments_, verb);
    add_feed_verbs(app_, arguments_, verb);
    add_alert_verbs(app_, arguments_, verb);
    verb(app_, "meshes", "those that this machine is in", [](const Arguments& given) {
        return list_meshes(given.places, given.as_json);
    });
    verb(app_, "schema", "the JSON Schemas of what --json prints", [](const Arguments& given) {
        return show_schemas(given.schema_of, given.as_json);
    })->add_option("verb", arguments_.schema_of, "a verb, or a schema's name; none: list all");
    verb(app_, "version", "of this program", [](const Arguments&) {
        print("phantom " PM_VERSION "\n");
        return 0;
    });
}

// Those that are about this description itself; do_it() has what they print.
void CommandLine::add_page_verbs() {
    app_.add_subcommand("completion", "print a script that completes these words in a shell")
        ->add_option("shell", arguments_.shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    app_.add_subcommand("manual", "print the page for man(1)");
    app_.add_subcommand("reference", "print all verbs and options as Markdown");
}

int CommandLine::run(int argc, char** argv) {
    try {
        app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int status = app_.exit(error);
        return status == 0 ? 0 : static_cast<int>(Exit::kUsage);
    }
    if (!arguments_.mesh.empty()) {
        arguments_.places.enter(arguments_.mesh);
    }
    return do_it();
}

int CommandLine::do_it() {
    if (app_.got_subcommand("completion")) {
        print(completion(app_, arguments_.shell));
        return 0;
    }
    if (app_.got_subcommand("manual")) {
        return print_manual(app_);
    }
    if (app_.got_subcommand("reference")) {
        print(reference(app_));
        return 0;
    }
    if (command_ == nullptr) {
        return static_cast<int>(Exit::kUsage);
    }
    if (app_.count("--watch") == 0) {
        return command_(arguments_);
    }
    const std::string path = path_of(*verb_);
    if (!only_reads(*verb_)) {
        (void)std::fprintf(
            stderr,
            "phantom: '%s' is not watched: it may change something, or goes on by itself.\n",
            path.c_str()
        );
        return static_cast<int>(Exit::kUsage);
    }
    return watch(path, arguments_.watch_s, [this] { return command_(arguments_); });
}

}  // namespace phantom::cli
