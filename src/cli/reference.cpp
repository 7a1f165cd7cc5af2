#include "cli/reference.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/grammar.h"

namespace phantom::cli {

namespace {

constexpr const char* kHead =
    "# Reference of the command line\n\n"
    "Made by `phantom reference`; a test fails where it is not what the program says. What the "
    "verbs mean, and how they "
    "go together: [commands.md](../commands.md).\n\n"
    "    phantom [OPTIONS] VERB ...\n\n"
    "Options may stand before or after the verb.\n\n";

// A cell of a table: nothing in it ends the cell.
std::string cell(std::string_view text) {
    std::string out;
    for (const char each : text) {
        out += each == '|' ? "\\|" : each == '\n' ? " " : std::string(1, each);
    }
    return out;
}

std::string option_name(const CLI::Option& option) {
    std::string name = option.get_name(false, true);
    if (option.get_items_expected_max() > 0 && !option.get_type_name().empty() &&
        !option.get_positional()) {
        name += " " + option.get_type_name();
    }
    return name;
}

std::string option_table(const CLI::App& app) {
    std::string out;
    for (const CLI::Option* each : app.get_options()) {
        if (each->check_name("--help")) {
            continue;
        }
        std::string does = each->get_description();
        if (!each->get_default_str().empty()) {
            does += fmt::format(" (default: {})", each->get_default_str());
        }
        if (each->get_required()) {
            does += "; needed";
        }
        out += fmt::format("| `{}` | {} |\n", cell(option_name(*each)), cell(does));
    }
    return out.empty() ? out : "| | |\n|---|---|\n" + out + "\n";
}

// The footer of a verb, its lines as they are.
std::string as_code(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        out += line.empty() ? "\n" : fmt::format("    {}\n", line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    while (out.ends_with("\n\n")) {
        out.pop_back();
    }
    while (out.starts_with('\n')) {
        out.erase(0, 1);
    }
    return out + "\n";
}

std::string notes_of(const VerbGrammar& grammar) {
    std::string out;
    for (const std::string_view schema : grammar.schemas) {
        out += fmt::format("{}`{}`", out.empty() ? "`--json`: " : ", ", schema);
    }
    out += out.empty() ? "" : ". ";
    out += grammar.reads ? "Can be watched. " : "";
    out += grammar.exits.empty() ? "" : fmt::format("Exit status {}. ", grammar.exits);
    if (!out.empty()) {
        out.back() = '\n';
        out += "\n";
    }
    return out;
}

}  // namespace

std::string reference(const CLI::App& app) {
    std::string out = kHead + option_table(app) + std::string(kExitStatuses) + "\n\n";
    for (const CLI::App* verb : all_verbs(app)) {
        const std::string path = path_of(*verb);
        out += fmt::format("## `phantom {}`\n\n{}\n\n", path, verb->get_description());
        out += option_table(*verb);
        if (const VerbGrammar* own = grammar_of(path)) {
            out += notes_of(*own);
        }
        if (verb->get_footer() != app.get_footer()) {
            out += as_code(verb->get_footer());
        }
    }
    while (out.ends_with("\n\n")) {
        out.pop_back();
    }
    return out;
}

}  // namespace phantom::cli
