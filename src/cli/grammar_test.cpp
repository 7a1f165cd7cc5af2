#include "cli/grammar.h"

#include <set>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "cli/command_line.h"
#include "cli/reference.h"
#include "cli/schema.h"
#include "cli/watch.h"

namespace phantom::cli {
namespace {

TEST(Grammar, knows_each_verb_and_no_other) {
    const CommandLine line;
    std::set<std::string> there;
    for (const CLI::App* verb : all_verbs(line.app())) {
        there.insert(path_of(*verb));
        EXPECT_NE(grammar_of(path_of(*verb)), nullptr) << path_of(*verb);
    }
    for (const VerbGrammar& each : grammar()) {
        EXPECT_TRUE(there.contains(std::string(each.path))) << each.path;
    }
    EXPECT_EQ(there.size(), grammar().size());
}

TEST(Grammar, has_examples_of_each_verb_that_call_it) {
    const CommandLine line;
    for (const CLI::App* verb : all_verbs(line.app())) {
        const std::string path = path_of(*verb);
        EXPECT_NE(verb->get_footer(), line.app().get_footer()) << path;
        EXPECT_NE(verb->get_footer().find("Examples:"), std::string::npos) << path;
        EXPECT_NE(verb->get_footer().find("phantom " + path), std::string::npos) << path;
        EXPECT_FALSE(verb->get_description().empty()) << path;
    }
}

TEST(Grammar, names_a_schema_with_a_version_for_whatever_reads) {
    for (const VerbGrammar& each : grammar()) {
        EXPECT_TRUE(!each.reads || !each.schemas.empty()) << each.path;
        for (const std::string_view schema : each.schemas) {
            EXPECT_TRUE(schema.starts_with("phantom.") && schema.ends_with("/1")) << schema;
        }
    }
}

TEST(Grammar, has_the_text_of_each_schema_that_it_names) {
    std::set<std::string_view> named;
    for (const VerbGrammar& verb : grammar()) {
        named.insert(verb.schemas.begin(), verb.schemas.end());
        EXPECT_EQ(schemas_of(verb.path).size(), verb.schemas.size()) << verb.path;
    }
    std::set<std::string_view> published;
    for (const PublishedSchema& schema : published_schemas()) {
        published.insert(schema.name);
        const auto text = boost::json::parse(schema.text).as_object();
        EXPECT_EQ(text.at("title").as_string(), schema.name);
    }
    EXPECT_EQ(published, named);
}

TEST(Grammar, names_only_options_that_there_are) {
    const CommandLine line;
    for (const CLI::App* verb : all_verbs(line.app())) {
        for (const std::string_view each : grammar_of(path_of(*verb))->writes_with) {
            EXPECT_NE(
                verb->get_option_no_throw(std::string(each.substr(0, each.find('=')))), nullptr
            ) << path_of(*verb)
              << " " << each;
        }
    }
}

TEST(Grammar, describes_each_option) {
    const CommandLine line;
    for (const CLI::App* verb : all_verbs(line.app())) {
        for (const CLI::Option* option : verb->get_options()) {
            EXPECT_FALSE(option->get_description().empty())
                << path_of(*verb) << " " << option->get_name();
        }
    }
}

TEST(Reference, has_each_verb_with_its_options_and_examples) {
    const CommandLine line;
    const std::string page = reference(line.app());
    for (const CLI::App* verb : all_verbs(line.app())) {
        EXPECT_NE(page.find("## `phantom " + path_of(*verb) + "`\n"), std::string::npos);
    }
    EXPECT_NE(page.find("| `--lifetime"), std::string::npos);
    EXPECT_NE(page.find("`--json`: `phantom.status/1`. Can be watched."), std::string::npos);
    EXPECT_EQ(page.find("--help"), std::string::npos);
    EXPECT_EQ(page.find("\n\n\n"), std::string::npos);
}

TEST(Watch, draws_over_what_was_there) {
    EXPECT_EQ(in_place("a\nb\n", 10), "\x1b[Ha\x1b[K\r\nb\x1b[K\x1b[J");
    EXPECT_EQ(in_place("a\nb\nc\n", 2), "\x1b[Ha\x1b[K\r\nb\x1b[K\x1b[J") << "what fits";
    EXPECT_EQ(in_place("", 5), "\x1b[H\x1b[J");
}

}  // namespace
}  // namespace phantom::cli
