#include "playbook/expression.h"

#include <gtest/gtest.h>

#include "playbook/identifiers.h"

namespace phantom::playbook {
namespace {

// ---- Forms -----------------------------------------------------------------------------------------

TEST(Identifiers, have_the_forms_of_the_schemas) {
    EXPECT_TRUE(is_identifier("action--eb9372d4-d524-49fc-bf24-be26ea084779"));
    EXPECT_TRUE(is_identifier("soarca-manual-capability--7b0e98db-fa93-42aa-8511-e871c65131b1"));
    for (const char* wrong :
         {"", "action", "action--", "action-eb9372d4-d524-49fc-bf24-be26ea084779",
          "Action--eb9372d4-d524-49fc-bf24-be26ea084779",
          "action--eb9372d4-d524-79fc-bf24-be26ea084779",
          "action--eb9372d4-d524-49fc-cf24-be26ea084779",
          "action--eb9372d4-d524-49fc-bf24-be26ea08477",
          "a--eb9372d4-d524-49fc-bf24-be26ea084779"}) {
        EXPECT_FALSE(is_identifier(wrong)) << wrong;
    }
    EXPECT_TRUE(is_timestamp("2023-11-20T15:56:00.123456Z"));
    EXPECT_TRUE(is_timestamp("2023-11-20T15:56:60Z"));
    for (const char* wrong :
         {"", "2023-11-20", "2023-13-20T15:56:00Z", "2023-11-20T24:56:00Z", "2023-11-20T15:56:00.Z",
          "2023-11-20T15:56:00", "2023-11-20 15:56:00Z"}) {
        EXPECT_FALSE(is_timestamp(wrong)) << wrong;
    }
    EXPECT_TRUE(
        is_variable_name("__a__") && is_variable_name("__a_b-9__") && is_variable_name("______")
    );
    EXPECT_FALSE(
        is_variable_name("__9a__") || is_variable_name("____") || is_variable_name("_a_") ||
        is_variable_name("__a b__")
    );
    EXPECT_EQ(decode_base64("Zm9vYmE="), "fooba");  // RFC 4648, 10
    EXPECT_EQ(decode_base64(""), "");
    EXPECT_FALSE(decode_base64("Zm9vYmE") || decode_base64("Zm9!") || decode_base64("=AAA"));
}

// ---- Conditions --------------------------------------------------------------------------------------

Variables some_variables() {
    return {
        {"__count__", {.type = "integer", .value = "10", .has_value = true}},
        {"__who__", {.type = "string", .value = "birch's", .has_value = true}},
        {"__empty__", {.type = "string", .value = "", .has_value = true}},
        {"__unset__", {.type = "string", .value = "", .has_value = false}},
    };
}

TEST(Conditions, compare_and_combine) {
    for (const auto& [text, expected] : std::initializer_list<std::pair<const char*, bool>>{
             {"__count__:value > 9", true},
             {"__count__:value = '10.0'", true},
             {"__count__:value < 9 OR __count__:value == 10", true},
             {"__count__:value < 9 OR __count__:value == 10 AND NOT true", false},
             {"(__count__:value < 9 OR __count__:value == 10) AND NOT false", true},
             {"__who__:value = 'birch\\'s'", true},
             {"__who__:value != \"birch\"", true},
             {"__who__:value <> 'birch'", true},
             {"__count__:value >= 10 && __count__:value <= 10", true},
             {"__empty__:value || 0", false},
             {"NOT NOT __count__:value", true},
             {"'b' > 'a'", true},
         }) {
        const auto result = evaluate(text, some_variables());
        ASSERT_TRUE(result.has_value()) << text << ": " << result.error();
        EXPECT_EQ(*result, expected) << text;
        EXPECT_EQ(problem_of_condition(text), "");
    }
    for (const char* wrong : {"", "(", "a = ", "= a", "'a", "a b", "__count__:value > 1)", "NOT"}) {
        EXPECT_NE(problem_of_condition(wrong), "") << wrong;
    }
    EXPECT_NE(problem_of_condition(std::string(100, '(') + "a" + std::string(100, ')')), "");
    EXPECT_NE(problem_of_condition(std::string(5'000, 'a')), "");
    EXPECT_FALSE(evaluate("__unset__:value = 1", some_variables()).has_value());
    EXPECT_FALSE(evaluate("__nobody__:value = 1", some_variables()).has_value());
}

TEST(Substitution, puts_values_in_once) {
    Variables variables = some_variables();
    variables["__tricky__"] = {.type = "string", .value = "__count__:value", .has_value = true};
    EXPECT_EQ(substitute("a __count__:value b", variables), "a 10 b");
    EXPECT_EQ(substitute("__count__:value__count__:value", variables), "1010");
    EXPECT_EQ(substitute("x__count__:value", variables), "x__count__:value") << "another name";
    EXPECT_EQ(substitute("[__tricky__:value]", variables), "[__count__:value]") << "and not again";
    EXPECT_EQ(substitute("__count__ __x:value", variables), "__count__ __x:value");
    EXPECT_FALSE(substitute("__unset__:value", variables).has_value());
    EXPECT_EQ(
        references_in("x __a__:value __b__ __c__:value"), (std::set<std::string>{"__a__", "__c__"})
    );
    variables["__long__"] = {
        .type = "string", .value = std::string(kValueSizeMax, 'x'), .has_value = true
    };
    EXPECT_FALSE(substitute("__long__:value __long__:value", variables).has_value());
}

}  // namespace
}  // namespace phantom::playbook
