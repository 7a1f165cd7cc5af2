// phantom playbook

#include <fstream>

#include <fmt/format.h>

#include "cli/handling.h"
#include "cli/output.h"
#include "cli/show.h"
#include "playbook/reader.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

std::string playbook_cell(const json::object& of, const char* key) {
    return printable(std::string_view(of.at(key).as_string()));
}

std::string playbook_table(const json::object& body) {
    std::vector<std::vector<std::string>> rows{{"NAME", "STEPS", "WHAT"}};
    for (const json::value& each : body.at("playbooks").as_array()) {
        const json::object& one = each.as_object();
        const std::string problem = playbook_cell(one, "problem");
        rows.push_back(
            {playbook_cell(one, "name"), std::to_string(one.at("steps").to_number<std::uint64_t>()),
             problem.empty() ? playbook_cell(one, "title") : "cannot be used: " + problem}
        );
    }
    return rows.size() == 1
               ? fmt::format(
                     "There are none: put files NAME.json into {}\n", playbook_cell(body, "folder")
                 )
               : show_table(rows);
}

std::string waiting_lines(const json::object& run) {
    std::string text;
    for (const json::value& each : run.at("waiting").as_array()) {
        const json::object& step = each.as_object();
        text += fmt::format(
            "  step {} waits ({}): {}\n", step.at("step").to_number<std::uint64_t>(),
            playbook_cell(step, "type"), playbook_cell(step, "command")
        );
    }
    return text;
}

std::string run_sentence(const json::object& body) {
    const auto number = body.at("run").to_number<std::uint64_t>();
    const std::string waiting = waiting_lines(body);
    return fmt::format(
        "Run {} of {}: {}\n{}{}", number, playbook_cell(body, "name"), playbook_cell(body, "state"),
        waiting,
        waiting.empty()
            ? ""
            : fmt::format("'phantom playbook done {} STEP' ends a manual one.\n", number)
    );
}

std::string run_lines(const json::object& body) {
    const json::array& runs = body.at("runs").as_array();
    if (runs.empty()) {
        return "No playbook was run.\n";
    }
    std::string text;
    for (const json::value& each : runs) {
        const json::object& run = each.as_object();
        text += fmt::format(
            "Run {}: {}, incident {}, {} since {}\n", run.at("run").to_number<std::uint64_t>(),
            playbook_cell(run, "name"), run.at("incident").to_number<std::uint64_t>(),
            playbook_cell(run, "state"), playbook_cell(run, "started")
        );
        text += waiting_lines(run);
        for (const json::value& line : run.at("log").as_array()) {
            text += fmt::format(
                "  {} {}\n", playbook_cell(line.as_object(), "at"),
                playbook_cell(line.as_object(), "text")
            );
        }
    }
    return text;
}

std::string dry_run_lines(const json::object& body) {
    std::string text;
    for (const json::value& each : body.at("lines").as_array()) {
        text += printable(std::string_view(each.as_string())) + "\n";
    }
    return text + "Nothing was done.\n";
}

}  // namespace

int list_playbooks(const Places& places, bool as_json) {
    return tell(ask(places, {{"verb", "playbook.list"}}), as_json, playbook_table);
}

int check_playbook(const HandlingArguments& given, bool as_json) {
    std::ifstream file(given.file, std::ios::binary);
    if (!file) {
        return fail_with({Exit::kFailed, given.file + ": it cannot be read", {}});
    }
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto read = playbook::read_playbook(text);
    if (!read) {
        return fail_with(
            {Exit::kFailed, fmt::format("{}: {}", given.file, printable(read.error().text())), {}}
        );
    }
    std::string unknown;
    for (const auto& [id, step] : read->steps) {
        for (const playbook::Command& command : step.commands) {
            const bool is_ours = command.type == "manual" || command.type == "http-api" ||
                                 command.type == "openc2-http" || command.type == "bash" ||
                                 command.type == "phantommesh";
            if (!is_ours) {
                unknown += fmt::format(
                    "{}: nobody here runs commands of the type '{}'\n",
                    step.name.empty() ? id : step.name, printable(command.type)
                );
            }
        }
    }
    if (as_json) {
        print_json({
            {"schema", "phantom.playbook_check/1"},
            {"id", read->id},
            {"name", read->name},
            {"steps", read->steps.size()},
            {"runs_here", unknown.empty()},
        });
    } else {
        print(fmt::format(
            "{}: {}, {} steps\n{}", given.file, printable(read->name), read->steps.size(), unknown
        ));
    }
    return 0;
}

int run_playbook(const Places& places, const HandlingArguments& given, bool as_json) {
    json::object variables;
    for (const std::string& each : given.variables) {
        const std::size_t sign = each.find('=');
        if (sign == std::string::npos) {
            return fail_with({Exit::kUsage, "--var is __NAME__=VALUE", {}});
        }
        variables[each.substr(0, sign)] = each.substr(sign + 1);
    }
    const Answer answer =
        ask(places, {{"verb", "playbook.run"},
                     {"name", given.name},
                     {"incident", given.number},
                     {"given", std::move(variables)},
                     {"dry_run", given.dry_run}});
    return tell(answer, as_json, given.dry_run ? dry_run_lines : run_sentence);
}

int show_runs(const Places& places, const HandlingArguments& given, bool as_json) {
    return tell(ask(places, {{"verb", "playbook.status"}, {"run", given.run}}), as_json, run_lines);
}

int end_step(const Places& places, const HandlingArguments& given, bool as_json) {
    const Answer answer =
        ask(places, {{"verb", "playbook.done"},
                     {"run", given.run},
                     {"step", given.step},
                     {"failed", given.failed},
                     {"text", given.text}});
    return tell(answer, as_json, run_sentence);
}

int stop_run(const Places& places, const HandlingArguments& given, bool as_json) {
    return tell(
        ask(places, {{"verb", "playbook.stop"}, {"run", given.run}}), as_json, run_sentence
    );
}

}  // namespace phantom::cli
