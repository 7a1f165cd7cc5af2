#include "manual/manual.h"

#include <algorithm>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace phantom::manual {

namespace {

// groff_man(7), "Portability": what a reader should see as it is.
std::string plain(std::string_view text) {
    std::string out;
    bool at_line_start = true;
    for (const char each : text) {
        if (at_line_start && (each == '.' || each == '\'')) {
            out += "\\&";
        }
        out += each == '\\' ? "\\e" : each == '-' ? "\\-" : std::string(1, each);
        at_line_start = each == '\n';
    }
    return out;
}

std::string capitals(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char each) {
        return each >= 'a' && each <= 'z' ? static_cast<char>(each - ('a' - 'A')) : each;
    });
    return out;
}

std::string as_it_is(std::string_view text) {
    while (!text.empty() && text.front() == '\n') {
        text.remove_prefix(1);
    }
    while (!text.empty() && text.back() == '\n') {
        text.remove_suffix(1);
    }
    return text.empty() ? "" : fmt::format(".PP\n.nf\n{}\n.fi\n", plain(text));
}

// "--count UINT [4]", as the help has it.
std::string option_line(const CLI::Option& option) {
    std::string line = fmt::format("\\fB{}\\fR", plain(option.get_name(false, true)));
    if (option.get_items_expected_max() > 0 && !option.get_type_name().empty()) {
        line += fmt::format(" \\fI{}\\fR", plain(option.get_type_name()));
    }
    if (!option.get_default_str().empty()) {
        line += fmt::format(" [{}]", plain(option.get_default_str()));
    }
    return line;
}

std::string options_of(const CLI::App& app) {
    std::string out;
    for (const CLI::Option* option : app.get_options()) {
        out += fmt::format(".TP\n{}\n{}\n", option_line(*option), plain(option->get_description()));
    }
    return out;
}

std::vector<const CLI::App*> verbs_of(const CLI::App& app) {
    return app.get_subcommands(static_cast<bool (*)(const CLI::App*)>(nullptr));
}

// Those that do something: the leaves.
void add_verbs(const CLI::App& app, const std::string& path, std::string& out) {
    for (const CLI::App* verb : verbs_of(app)) {
        const std::string called = path + " " + verb->get_name();
        if (!verbs_of(*verb).empty()) {
            add_verbs(*verb, called, out);
            continue;
        }
        out += fmt::format(
            ".SS {}\n{}\n{}{}", plain(called), plain(verb->get_description()), options_of(*verb),
            // One that was not given its own has its parent's.
            verb->get_footer() == app.get_footer() ? "" : as_it_is(verb->get_footer())
        );
    }
}

}  // namespace

std::string manual(const CLI::App& app, const Page& page) {
    std::string verbs;
    add_verbs(app, std::string(page.name), verbs);
    std::string out = fmt::format(
        ".TH {} {} \"\" \"PhantomMesh {}\" \"PhantomMesh\"\n.SH NAME\n{} \\- {}\n",
        capitals(page.name), page.section, PM_VERSION, plain(page.name), plain(page.does)
    );
    if (page.usage.empty()) {
        out += fmt::format(
            ".SH SYNOPSIS\n.B {}\n[\\fIOPTIONS\\fR] {}\n", plain(page.name),
            verbs.empty() ? "" : "\\fIVERB\\fR ..."
        );
    } else {
        out += ".SH DESCRIPTION\n" + as_it_is(page.usage);
    }
    out += fmt::format(".SH OPTIONS\n{}", options_of(app));
    if (!verbs.empty()) {
        out += ".SH VERBS\n" + verbs;
    }
    if (!app.get_footer().empty()) {
        out += ".SH NOTES\n" + as_it_is(app.get_footer());
    }
    return out + fmt::format(".SH SEE ALSO\n{}\n", plain(page.related));
}

}  // namespace phantom::manual
