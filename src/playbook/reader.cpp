#include "playbook/reader.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "playbook/fields.h"
#include "playbook/flow.h"
#include "playbook/identifiers.h"

namespace phantom::playbook {

namespace {

using Keys = std::span<const std::string_view>;
constexpr std::int64_t kMillisecondsMax = 365LL * 86'400 * 1'000;

constexpr auto kPlaybookKeys = std::to_array<std::string_view>(
    {"type",
     "spec_version",
     "id",
     "name",
     "description",
     "playbook_types",
     "playbook_activities",
     "playbook_processing_summary",
     "created_by",
     "created",
     "modified",
     "revoked",
     "valid_from",
     "valid_until",
     "derived_from",
     "related_to",
     "priority",
     "severity",
     "impact",
     "industry_sectors",
     "labels",
     "external_references",
     "markings",
     "playbook_variables",
     "workflow_start",
     "workflow_exception",
     "workflow",
     "playbook_extensions",
     "authentication_info_definitions",
     "agent_definitions",
     "target_definitions",
     "extension_definitions",
     "data_marking_definitions",
     "signatures"}
);

// workflow-step.json
constexpr auto kStepKeys = std::to_array<std::string_view>(
    {"type", "name", "description", "external_references", "delay", "timeout", "step_variables",
     "owner", "on_completion", "on_success", "on_failure", "step_extensions"}
);

// command-data.json
constexpr auto kCommandKeys = std::to_array<std::string_view>(
    {"type", "description", "version", "playbook_activity", "external_references"}
);

struct KindRow {
    std::string_view name;
    StepKind kind;
    std::vector<std::string_view> keys;  // beside kStepKeys
};

// workflows/*.json
const std::array kKinds{
    KindRow{"start", StepKind::kStart, {}},
    KindRow{"end", StepKind::kEnd, {}},
    KindRow{"action", StepKind::kAction, {"commands", "agent", "targets", "in_args", "out_args"}},
    KindRow{
        "playbook-action",
        StepKind::kPlaybookAction,
        {"playbook_id", "playbook_version", "in_args", "out_args"}
    },
    KindRow{"parallel", StepKind::kParallel, {"next_steps"}},
    KindRow{"if-condition", StepKind::kIf, {"condition", "on_true", "on_false"}},
    KindRow{"while-condition", StepKind::kWhile, {"condition", "on_true"}},
    KindRow{"switch-condition", StepKind::kSwitch, {"switch", "cases"}},
};

std::string optional_text(const Field& of, std::string_view key) {
    return of.has(key) ? of.at(key).text() : "";
}

std::string optional_identifier(const Field& of, std::string_view key) {
    return of.has(key) ? of.at(key).identifier() : "";
}

std::string optional_time(const Field& of, std::string_view key) {
    return of.has(key) ? of.at(key).timestamp() : "";
}

void check_references(const Field& of) {
    constexpr auto kKeys = std::to_array<std::string_view>(
        {"name", "description", "source", "url", "external_id", "reference_id"}
    );
    if (!of.has("external_references")) {
        return;
    }
    for (const Field& each : of.at("external_references").list(1, kStepsMax)) {
        each.only(kKeys);
        (void)each.at("name").text();
        for (const auto& [key, field] : each.members()) {
            (void)field.text();
        }
    }
}

// variable.json; its value is a text, or null, which is none.
Variable read_variable(const Field& field) {
    constexpr auto kKeys =
        std::to_array<std::string_view>({"type", "description", "value", "constant", "external"});
    field.only(kKeys);
    Variable variable;
    variable.type = field.at("type").some_text();
    (void)optional_text(field, "description");
    const boost::json::value* value = field.object().if_contains("value");
    if (value != nullptr && !value->is_null()) {
        variable.value = field.at("value").text();
        variable.has_value = true;
        if (variable.value.size() > kValueSizeMax) {
            refuse(field.path(), "the value is too long");
        }
    }
    variable.is_constant = field.has("constant") && field.at("constant").boolean();
    variable.is_external = field.has("external") && field.at("external").boolean();
    if (variable.is_constant && !variable.has_value && !variable.is_external) {
        refuse(field.path(), "it is constant and has no value");
    }
    return variable;
}

Variables read_variables(const Field& of, std::string_view key) {
    Variables variables;
    if (!of.has(key)) {
        return variables;
    }
    for (const auto& [name, field] : of.at(key).members()) {
        if (!is_variable_name(name)) {
            refuse(field.path(), "a variable is called __name__");
        }
        if (variables.size() == kVariablesMax) {
            refuse(field.path(), fmt::format("more than {} variables", kVariablesMax));
        }
        variables.emplace(name, read_variable(field));
    }
    return variables;
}

// ---- Commands -----------------------------------------------------------------------------------------

std::string decoded(const Field& field) {
    const auto text = decode_base64(field.text());
    if (!text) {
        refuse(field.path(), "it is not base64");
    }
    return *text;
}

void read_headers(const Field& of, Command& command) {
    if (!of.has("headers")) {
        return;
    }
    for (const auto& [name, values] : of.at("headers").members()) {
        for (const std::string& value : values.texts(0)) {
            const bool breaks = (name + value).find_first_of("\r\n") != std::string::npos;
            if (name.empty() || breaks) {
                refuse(values.path(), "a header is one line");
            }
            command.headers.emplace_back(name, value);
        }
    }
}

// Manual, bash and our own: a text, or one in base64.
void read_command_text(const Field& of, Command& command) {
    constexpr auto kKeys = std::to_array<std::string_view>({"command", "command_b64"});
    of.only(kCommandKeys, kKeys);
    if (of.has("command") == of.has("command_b64")) {
        refuse(of.path(), "either 'command' or 'command_b64' is needed");
    }
    command.command =
        of.has("command") ? of.at("command").some_text() : decoded(of.at("command_b64"));
}

void read_http(const Field& of, Command& command) {
    constexpr auto kKeys =
        std::to_array<std::string_view>({"command", "headers", "content", "content_b64"});
    of.only(kCommandKeys, kKeys);
    command.command = of.at("command").some_text();
    read_headers(of, command);
    if (of.has("content") && of.has("content_b64")) {
        refuse(of.path(), "either 'content' or 'content_b64', not both");
    }
    command.content =
        of.has("content_b64") ? decoded(of.at("content_b64")) : optional_text(of, "content");
    if (command.type == "openc2-http" && !of.has("content_b64")) {
        refuse(of.path(), "'content_b64' is missing");
    }
}

Command read_command(const Field& of) {
    Command command;
    command.type = of.at("type").some_text();
    (void)optional_text(of, "description");
    (void)optional_text(of, "version");
    if (of.has("playbook_activity")) {
        (void)of.at("playbook_activity").text();
    }
    if (command.type == "manual" || command.type == "bash" || command.type == "phantommesh") {
        read_command_text(of, command);
    } else if (command.type == "http-api" || command.type == "openc2-http") {
        read_http(of, command);
    } else {
        command.command = optional_text(of, "command");
    }
    return command;
}

// ---- Steps --------------------------------------------------------------------------------------------

const KindRow& kind_of(const Field& step, const std::string& id) {
    const std::string type = step.at("type").text();
    const auto* const row = std::ranges::find(kKinds, type, &KindRow::name);
    if (row == kKinds.end()) {
        refuse(step.at("type").path(), "there is no such kind of step");
    }
    if (!is_identifier(id) || type_of(id) != type) {
        refuse(step.path(), fmt::format("the key of a step is '{}--' and a UUID", type));
    }
    return *row;
}

void read_common(const Field& of, Step& step) {
    step.name = optional_text(of, "name");
    (void)optional_text(of, "description");
    check_references(of);
    const auto duration = [&](std::string_view key, std::int64_t least) {
        return std::chrono::milliseconds(
            of.has(key) ? of.at(key).integer(least, kMillisecondsMax) : 0
        );
    };
    step.delay = duration("delay", 1);
    step.timeout = duration("timeout", 0);
    step.variables = read_variables(of, "step_variables");
    (void)optional_identifier(of, "owner");
    step.on_completion = optional_identifier(of, "on_completion");
    step.on_success = optional_identifier(of, "on_success");
    step.on_failure = optional_identifier(of, "on_failure");
    if (!step.on_completion.empty() && (!step.on_success.empty() || !step.on_failure.empty())) {
        refuse(of.path(), "'on_completion' is there, so 'on_success' and 'on_failure' may not be");
    }
}

std::vector<std::string> variable_names(const Field& of, std::string_view key) {
    if (!of.has(key)) {
        return {};
    }
    std::vector<std::string> names = of.at(key).texts(1);
    for (const std::string& name : names) {
        if (!is_variable_name(name)) {
            refuse(of.at(key).path(), "a variable is called __name__");
        }
    }
    return names;
}

void read_arguments(const Field& of, Step& step) {
    step.in_args = variable_names(of, "in_args");
    step.out_args = variable_names(of, "out_args");
}

void read_action(const Field& of, Step& step) {
    for (const Field& each : of.at("commands").list(1, kCommandsMax)) {
        step.commands.push_back(read_command(each));
    }
    // Its form is not asked for: SOARCA names agents as it likes. It has to be defined, flow.h sees to that.
    step.agent = of.at("agent").some_text();
    if (of.has("targets")) {
        step.targets = of.at("targets").texts(1);
    }
    read_arguments(of, step);
}

void read_switch(const Field& of, Step& step) {
    step.condition = of.at("switch").some_text();
    for (const auto& [value, field] : of.at("cases").members()) {
        step.cases.emplace_back(value, field.identifier());
    }
    if (step.cases.empty()) {
        refuse(of.at("cases").path(), "there is no case");
    }
}

void check_ends(const Field& of, const Step& step) {
    const bool goes_on = of.has("on_completion") || of.has("on_success") || of.has("on_failure");
    if (step.kind == StepKind::kEnd && goes_on) {
        refuse(of.path(), "nothing comes after an end");
    }
    if (step.kind == StepKind::kStart && (of.has("on_success") || of.has("on_failure"))) {
        refuse(of.path(), "a start has 'on_completion' alone");
    }
    const bool has_next = !step.on_completion.empty() || !step.on_success.empty();
    const bool needs_next = step.kind == StepKind::kStart || step.kind == StepKind::kAction ||
                            step.kind == StepKind::kPlaybookAction;
    if (needs_next && !has_next) {
        refuse(of.path(), "it goes nowhere: 'on_completion' or 'on_success' is missing");
    }
}

Step read_step(const std::string& id, const Field& of) {
    const KindRow& row = kind_of(of, id);
    of.only(kStepKeys, row.keys);
    Step step;
    step.id = id;
    step.kind = row.kind;
    read_common(of, step);
    switch (step.kind) {
        case StepKind::kAction:
            read_action(of, step);
            break;
        case StepKind::kPlaybookAction:
            step.playbook_id = of.at("playbook_id").identifier();
            (void)optional_time(of, "playbook_version");
            read_arguments(of, step);
            break;
        case StepKind::kParallel:
            step.next_steps = of.at("next_steps").identifiers(2);
            break;
        case StepKind::kIf:
        case StepKind::kWhile:
            step.condition = of.at("condition").some_text();
            step.on_true = of.at("on_true").identifier();
            step.on_false = optional_identifier(of, "on_false");
            break;
        case StepKind::kSwitch:
            read_switch(of, step);
            break;
        case StepKind::kStart:
        case StepKind::kEnd:
            break;
    }
    check_ends(of, step);
    return step;
}

// ---- The rest -----------------------------------------------------------------------------------------

// agent-target.json, and of those with an address what is done with it.
Party read_party(const Field& of) {
    Party party{
        .type = of.at("type").some_text(),
        .name = of.at("name").some_text(),
        .addresses = {},
        .port = {}
    };
    if (of.has("address")) {
        for (const auto& [kind, list] : of.at("address").members()) {
            if (kind != "vlan") {
                party.addresses[kind] = list.texts(0);
            }
        }
    }
    if (party.type == "http-api" && !of.has("address")) {
        refuse(of.path(), "'address' is missing");
    }
    if (of.has("port")) {
        party.port = of.at("port").text();
    }
    return party;
}

void read_parties(const Field& of, std::string_view key, Playbook& playbook) {
    if (!of.has(key)) {
        return;
    }
    const auto members = of.at(key).members();
    if (members.empty()) {
        refuse(of.at(key).path(), "it is empty");
    }
    for (const auto& [id, field] : members) {
        playbook.parties[id] = read_party(field);
    }
}

void check_definitions(const Field& of) {
    for (const std::string_view key :
         {"playbook_extensions", "authentication_info_definitions", "extension_definitions",
          "data_marking_definitions"}) {
        if (of.has(key)) {
            for (const auto& [name, field] : of.at(key).members()) {
                (void)field.object();
            }
        }
    }
    (void)(of.has("playbook_processing_summary") &&
           of.at("playbook_processing_summary").members().empty());
    if (of.has("signatures")) {
        for (const Field& each : of.at("signatures").list(1, kStepsMax)) {
            (void)each.object();
        }
    }
}

// What is said of the playbook itself, and not used here, has to have its form nonetheless.
void check_about(const Field& of) {
    for (const std::string_view key :
         {"playbook_types", "labels", "industry_sectors", "playbook_activities"}) {
        if (of.has(key)) {
            (void)of.at(key).texts(key == "playbook_types" ? 0 : 1);
        }
    }
    for (const std::string_view key : {"derived_from", "related_to", "markings"}) {
        if (of.has(key)) {
            (void)of.at(key).identifiers(1);
        }
    }
    for (const std::string_view key : {"priority", "severity", "impact"}) {
        if (of.has(key)) {
            (void)of.at(key).integer(0, 100);
        }
    }
    check_definitions(of);
    check_references(of);
}

Playbook read_whole(const Field& of) {
    of.only(kPlaybookKeys);
    if (of.at("type").text() != "playbook") {
        refuse(of.at("type").path(), "'playbook' is needed");
    }
    if (of.at("spec_version").text() != "cacao-2.0") {
        refuse(of.at("spec_version").path(), "'cacao-2.0' is needed");
    }
    Playbook playbook;
    playbook.id = of.at("id").identifier();
    playbook.name = of.at("name").text();
    playbook.description = optional_text(of, "description");
    (void)of.at("created_by").identifier();
    (void)of.at("created").timestamp();
    (void)of.at("modified").timestamp();
    playbook.is_revoked = of.has("revoked") && of.at("revoked").boolean();
    playbook.valid_from = optional_time(of, "valid_from");
    playbook.valid_until = optional_time(of, "valid_until");
    check_about(of);
    playbook.variables = read_variables(of, "playbook_variables");
    playbook.start = of.at("workflow_start").identifier();
    playbook.exception = optional_identifier(of, "workflow_exception");
    read_parties(of, "agent_definitions", playbook);
    read_parties(of, "target_definitions", playbook);
    for (const auto& [id, field] : of.at("workflow").members()) {
        if (playbook.steps.size() == kStepsMax) {
            refuse(field.path(), fmt::format("more than {} steps", kStepsMax));
        }
        playbook.steps.emplace(id, read_step(id, field));
    }
    return playbook;
}

}  // namespace

std::expected<Playbook, Problem> read_playbook(std::string_view text) {
    if (text.size() > kPlaybookSizeMax) {
        return std::unexpected(Problem{"$", fmt::format("more than {} bytes", kPlaybookSizeMax)});
    }
    boost::json::stream_parser parser;
    boost::system::error_code error;
    const std::size_t at = parser.write_some(text.data(), text.size(), error);
    if (!error && at == text.size()) {
        parser.finish(error);
    }
    if (error || at != text.size()) {
        const std::string_view before = text.substr(0, at);
        const auto line = std::ranges::count(before, '\n') + 1;
        return std::unexpected(Problem{
            fmt::format("line {}", line), error ? error.message() : "there is more after the end"
        });
    }
    try {
        const boost::json::value value = parser.release();
        Playbook playbook = read_whole(Field(value, "$"));
        if (auto problem = problem_of_flow(playbook)) {
            return std::unexpected(std::move(*problem));
        }
        return playbook;
    } catch (Problem& problem) {
        return std::unexpected(std::move(problem));
    }
}

}  // namespace phantom::playbook
