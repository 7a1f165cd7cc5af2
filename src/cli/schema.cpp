#include "cli/schema.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/grammar.h"
#include "cli/output.h"
#include "cli/show.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

std::vector<std::string_view> verbs_with(std::string_view schema) {
    std::vector<std::string_view> verbs;
    for (const VerbGrammar& verb : grammar()) {
        if (std::ranges::find(verb.schemas, schema) != verb.schemas.end()) {
            verbs.push_back(verb.path);
        }
    }
    return verbs;
}

std::string table_of_verbs() {
    std::vector<std::vector<std::string>> rows{{"VERB", "SCHEMAS"}};
    for (const VerbGrammar& verb : grammar()) {
        if (!verb.schemas.empty()) {
            rows.push_back({std::string(verb.path), fmt::format("{}", fmt::join(verb.schemas, " "))}
            );
        }
    }
    return show_table(rows);
}

json::object list_of_schemas() {
    json::array schemas;
    for (const PublishedSchema& schema : published_schemas()) {
        const auto verbs = verbs_with(schema.name);
        schemas.push_back(
            {{"name", schema.name}, {"verbs", json::array(verbs.begin(), verbs.end())}}
        );
    }
    return {{"schema", "phantom.schemas/1"}, {"schemas", std::move(schemas)}};
}

std::string text_of(const std::vector<PublishedSchema>& schemas) {
    if (schemas.size() == 1) {
        return std::string(schemas.front().text);
    }
    std::string out = "[\n";
    for (const PublishedSchema& schema : schemas) {
        out += fmt::format("{}{}", &schema == &schemas.front() ? "" : ",\n", schema.text);
    }
    return out + "]\n";
}

}  // namespace

std::vector<PublishedSchema> schemas_of(std::string_view wanted) {
    const VerbGrammar* verb = grammar_of(wanted);
    std::vector<PublishedSchema> found;
    for (const PublishedSchema& schema : published_schemas()) {
        const bool is_of_verb =
            verb != nullptr && std::ranges::find(verb->schemas, schema.name) != verb->schemas.end();
        if (is_of_verb || schema.name == wanted) {
            found.push_back(schema);
        }
    }
    return found;
}

int show_schemas(const std::vector<std::string>& words, bool as_json) {
    if (words.empty()) {
        if (as_json) {
            print_json(list_of_schemas());
        } else {
            print(table_of_verbs());
        }
        return 0;
    }
    const std::string wanted = fmt::format("{}", fmt::join(words, " "));
    const auto found = schemas_of(wanted);
    if (found.empty()) {
        const bool is_verb = grammar_of(wanted) != nullptr;
        return fail_with(
            {Exit::kFailed,
             fmt::format(
                 "{} '{}'. 'phantom schema' lists those that there are.",
                 is_verb ? "no schema is of" : "neither a verb nor a schema is called", wanted
             ),
             {}}
        );
    }
    print(text_of(found));
    return 0;
}

}  // namespace phantom::cli
