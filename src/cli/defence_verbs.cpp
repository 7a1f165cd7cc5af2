#include "cli/defence_verbs.h"

#include <CLI/CLI.hpp>

#include "cli/inputs.h"

namespace phantom::cli {

namespace {

constexpr const char* kDefenceExamples = R"(
Examples:
  phantom defence               whether anybody looks, and what was seen
  phantom defence act           who scans or guesses passwords is slowed down or blocked; undo takes it back
  phantom defence watch         alerts and incidents only, as it is from the start

Signatures are read from the folder 'rules' of the state directory ('phantom rules'). docs/response.md has the
rest.
)";

constexpr const char* kIncidentExamples = R"(
Examples:
  phantom incidents                         all of them
  phantom incidents 3                       what happened, and what was done
  phantom incidents 3 --close
  phantom incidents 3 --post-mortem > 3.md  measured times, timeline, actions
)";

constexpr const char* kInputsExamples = R"(
Examples:
  phantom inputs            each log: lines, what was seen in them, how far behind
  phantom inputs --json

Which logs are read stands in 'inputs.yml' of the state directory; SIGHUP reads it again.
docs/detection.md shows one.
)";

}  // namespace

void add_defence_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    DefenceArguments& given = arguments.defence;
    CLI::App* defence = verb(
        app, "defence", "whether attacks inside the mesh are looked for, and acted against",
        [](const Arguments& all) { return show_defence(all.places, all.defence, all.as_json); }
    );
    defence->footer(kDefenceExamples);
    defence->add_option("mode", given.mode, "off, watch or act; without it, how it is")
        ->check(CLI::IsMember({"off", "watch", "act"}));
    verb(
        app, "inputs", "the logs that are read, how far, and what is wrong with them",
        [](const Arguments& all) { return show_inputs(all.places, all.as_json); }
    )->footer(kInputsExamples);
    CLI::App* incidents = verb(
        app, "incidents", "attacks as stories, from first sign to end",
        [](const Arguments& all) { return show_incidents(all.places, all.defence, all.as_json); }
    );
    incidents->footer(kIncidentExamples);
    CLI::Option* number = incidents->add_option("number", given.number, "one of them, in full");
    incidents->add_flag("--close", given.close, "it is over")->needs(number);
    incidents->add_flag("--false-positive", given.false_positive, "it was none")->needs(number);
    incidents->add_flag("--post-mortem", given.post_mortem, "what can be learned, in Markdown")
        ->needs(number);
}

}  // namespace phantom::cli
