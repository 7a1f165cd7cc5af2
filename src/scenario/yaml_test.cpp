#include "scenario/yaml.h"

#include <gtest/gtest.h>

using namespace phantom::scenario;

namespace {

TEST(ScenarioYaml, reads_maps_lists_and_scalars_with_their_lines) {
    const auto read = read_yaml("name: a/b\nlist:\n  - 1\n  - 'two'\nempty:\n---\nname: c\n");
    ASSERT_TRUE(read.has_value());
    ASSERT_EQ(read->size(), 2U);
    const Yaml& first = read->front();
    EXPECT_EQ(first.text_of("name"), "a/b");
    ASSERT_NE(first.find("list"), nullptr);
    EXPECT_EQ(first.find("list")->items.size(), 2U);
    EXPECT_EQ(first.find("list")->items[1].text, "two");
    EXPECT_EQ(first.find("list")->items[1].line, 4U);
    EXPECT_EQ(first.find("empty")->kind, Yaml::Kind::kNull);
    EXPECT_EQ((*read)[1].text_of("name"), "c");
}

TEST(ScenarioYaml, a_quoted_number_stays_a_text) {
    const auto read = read_yaml("{a: 3, b: '3', c: true, d: [x]}");
    ASSERT_TRUE(read.has_value());
    const Value expected =
        boost::json::object{{"a", 3}, {"b", "3"}, {"c", true}, {"d", boost::json::array{"x"}}};
    EXPECT_EQ(value_of(read->front()), expected);
}

TEST(ScenarioYaml, says_on_which_line_a_text_is_wrong) {
    const auto read = read_yaml("name: a\nfilter: [unclosed\nmore: b\n");
    ASSERT_FALSE(read.has_value());
    EXPECT_GE(read.error().line, 2U);
    EXPECT_FALSE(read.error().reason.empty());
}

TEST(ScenarioYaml, refuses_what_a_short_text_could_blow_up) {
    const auto alias = read_yaml("a: &x [1, 2]\nb: *x\n");
    ASSERT_FALSE(alias.has_value());
    EXPECT_EQ(alias.error().line, 2U);
    EXPECT_FALSE(read_yaml(std::string(kYamlDepthMax + 1, '[')).has_value());
    EXPECT_FALSE(read_yaml(std::string(200'000, '[')).has_value());
    EXPECT_FALSE(read_yaml("a: 1\na: 2\n").has_value());
    EXPECT_FALSE(read_yaml(",,,,,,\b").has_value());
    EXPECT_FALSE(read_yaml("? [1, 2]\n: 3\n").has_value());
    EXPECT_FALSE(read_yaml(std::string(kYamlSizeMax + 1, 'a')).has_value());
}

TEST(ScenarioYaml, finds_the_key_that_nobody_knows) {
    const auto read = read_yaml("name: a\nnmae: b\n");
    ASSERT_TRUE(read.has_value());
    constexpr std::array<std::string_view, 1> kKnown{"name"};
    const Yaml* unknown = read->front().unknown_key(kKnown);
    ASSERT_NE(unknown, nullptr);
    EXPECT_EQ(unknown->key, "nmae");
    EXPECT_EQ(unknown->line, 2U);
}

}  // namespace
