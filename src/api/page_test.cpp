#include "api/page.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace phantom::api {
namespace {

namespace json = boost::json;

json::array numbered(const std::vector<int>& numbers) {
    json::array items;
    for (const int number : numbers) {
        items.push_back(json::object{{"number", number}});
    }
    return items;
}

RC_GTEST_PROP(Page, pieces_put_together_are_the_whole, ()) {
    const auto numbers = *rc::gen::unique<std::vector<int>>(rc::gen::inRange(1, 10'000));
    const auto limit = *rc::gen::inRange<std::size_t>(1, 20);
    std::vector<int> seen;
    Page page{.limit = limit, .after = std::nullopt};
    for (;;) {
        json::array items = numbered(numbers);
        const auto next = cut_to_page(items, "number", page);
        RC_ASSERT(items.size() <= limit);
        for (const json::value& item : items) {
            seen.push_back(item.at("number").to_number<int>());
        }
        if (!next) {
            break;
        }
        page.after = *read_cursor("x", write_cursor("x", *next));
    }
    auto sorted = numbers;
    std::ranges::sort(sorted);
    RC_ASSERT(seen == sorted);
}

TEST(Page, what_comes_meanwhile_neither_repeats_nor_hides) {
    json::array first = numbered({1, 3, 5});
    const auto next = cut_to_page(first, "number", {.limit = 2, .after = std::nullopt});
    ASSERT_TRUE(next.has_value());
    EXPECT_EQ(*next, 3);
    json::array second = numbered({2, 4, 5});  // 1 and 3 are gone, 2 and 4 have come
    EXPECT_FALSE(cut_to_page(second, "number", {.limit = 2, .after = next}).has_value());
    EXPECT_EQ(second, numbered({4, 5}));
}

TEST(Cursor, is_good_for_its_list_alone) {
    const std::string cursor = write_cursor("listAlerts", 7);
    EXPECT_EQ(*read_cursor("listAlerts", cursor), 7);
    EXPECT_FALSE(read_cursor("listIncidents", cursor).has_value());
    EXPECT_EQ(*read_cursor("peers", write_cursor("peers", "birch")), "birch");
    const std::vector<std::string> bad{
        "",
        "7",
        cursor + "A",
        std::string(kCursorSizeMax + 1, 'A'),
        write_cursor("listAlerts", nullptr),
        write_cursor("listAlerts", json::array())
    };
    for (const std::string& text : bad) {
        EXPECT_TRUE(read_cursor("listAlerts", text).error().is(ApiError::kCursorMalformed)) << text;
    }
}

TEST(Etag, is_named_by_lists_weak_ones_and_a_star) {
    const std::string etag = etag_of("body");
    EXPECT_EQ(etag.size(), 24U);
    EXPECT_NE(etag, etag_of("other"));
    EXPECT_TRUE(names_tag("*", etag));
    EXPECT_TRUE(names_tag("\"x\", W/" + etag, etag));
    EXPECT_FALSE(names_tag("\"x\" , \"y\"", etag));
    EXPECT_FALSE(names_tag("", etag));
}

}  // namespace
}  // namespace phantom::api
