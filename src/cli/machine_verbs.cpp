#include "cli/machine_verbs.h"

#include <CLI/CLI.hpp>

#include "cli/mcp.h"

namespace phantom::cli {

namespace {

constexpr double kIntervalLeastS = 0.2;
constexpr double kIntervalMostS = 60;

constexpr const char* kDoctorExamples = R"(
Examples:
  sudo phantom doctor            kernel, TUN, offloads, ports, firewall, clock, disk, and what the node says
  sudo phantom doctor --listen 51821
  phantom doctor --json          for a program; 'verdict' is ok, warning or problem

It changes nothing, and needs no node. Exit status: 0 no problem, 1 a problem (with --strict: or a warning).
)";

constexpr const char* kTopExamples = R"(
Examples:
  phantom top                    the mesh and its threats, live; ? shows the keys
  phantom top --interval 0.5
  phantom top --once             one frame as text

Over ssh: ssh -t amber sudo phantom top. NO_COLOR is respected; without a UTF-8 locale it draws in ASCII.
)";

constexpr const char* kMcpExamples = R"(
Examples:
  phantom mcp                    questions only; a client starts it, and speaks to it by standard input and output
  phantom mcp --allow-writes     also block, act, undo and ack, each first as a dry run

As a client's configuration has it:
  {"mcpServers": {"phantom": {"command": "sudo", "args": ["phantom", "mcp"]}}}
)";

void add_doctor_verb(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    CLI::App* doctor = verb(
        app, "doctor", "whether this machine is as a node needs it, and what to do",
        [](const Arguments& given) {
            return show_doctor(given.places, given.doctor, given.as_json);
        }
    );
    doctor->footer(kDoctorExamples);
    doctor->add_option(
        "--listen", arguments.doctor.listen, "UDP port to look at (default: the node's, or 51820)"
    );
    doctor->add_flag("--strict", arguments.doctor.strict, "a warning is a problem, too");
}

void add_top_verb(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    CLI::App* top = verb(app, "top", "the mesh and its threats, live", [](const Arguments& given) {
        return show_top(given.places, given.top, given.as_json);
    });
    top->footer(kTopExamples);
    top->add_option("--interval", arguments.top.interval_s, "seconds between two looks")
        ->check(CLI::Range(kIntervalLeastS, kIntervalMostS))
        ->capture_default_str();
    top->add_flag("--once", arguments.top.once, "print one frame as text");
}

void add_mcp_verb(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    CLI::App* mcp = verb(
        app, "mcp", "serve the Model Context Protocol on standard input and output",
        [](const Arguments& given) { return serve_mcp(given.places, given.mcp_allows_writes); }
    );
    mcp->footer(kMcpExamples);
    mcp->add_flag(
        "--allow-writes", arguments.mcp_allows_writes,
        "offer what changes something, too, with a dry run first"
    );
}

}  // namespace

void add_machine_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    add_doctor_verb(app, arguments, verb);
    add_top_verb(app, arguments, verb);
    add_mcp_verb(app, arguments, verb);
}

}  // namespace phantom::cli
