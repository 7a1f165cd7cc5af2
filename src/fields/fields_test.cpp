#include "fields/fields.h"

#include <gtest/gtest.h>

namespace phantom::fields {
namespace {

namespace json = boost::json;

const json::object& example() {
    static const json::value parsed = json::parse(
        R"({"text":"a","yes":true,"no":false,"minus":-3,"large":18446744073709551615,"real":1.5,
            "object":{"x":1},"list":[1,2],"null":null})"
    );
    return parsed.get_object();
}

TEST(Fields, are_read_where_they_are_of_the_kind) {
    EXPECT_EQ(text_at(example(), "text"), "a");
    EXPECT_EQ(word_at(example(), "text"), "a");
    EXPECT_TRUE(is_true(example(), "yes"));
    EXPECT_EQ(number_at(example(), "minus", 7), -3);
    EXPECT_EQ(count_at(example(), "large"), UINT64_MAX);
    EXPECT_EQ(real_at(example(), "real"), 1.5);
    EXPECT_EQ(real_at(example(), "minus"), -3);
    EXPECT_EQ(object_at(example(), "object").size(), 1U);
    EXPECT_EQ(list_at(example(), "list").size(), 2U);
}

TEST(Fields, what_is_of_another_kind_or_not_there_is_nothing) {
    for (const auto& [key, value] : example()) {
        EXPECT_EQ(text_at(example(), key).empty(), key != "text") << key;
        EXPECT_EQ(is_true(example(), key), key == "yes") << key;
        EXPECT_EQ(number_at(example(), key, 7) != 7, key == "minus") << key;
        EXPECT_EQ(count_at(example(), key) != 0, key == "large") << key;
        EXPECT_EQ(real_at(example(), key) != 0, value.is_number()) << key;
        EXPECT_EQ(object_at(example(), key).empty(), key != "object") << key;
        EXPECT_EQ(list_at(example(), key).empty(), key != "list") << key;
    }
    EXPECT_EQ(text_at(example(), "other"), "");
    EXPECT_EQ(number_at(example(), "other", 7), 7);
    EXPECT_EQ(number_at({{"ours", std::uint64_t{5}}}, "ours"), 5);
}

}  // namespace
}  // namespace phantom::fields
