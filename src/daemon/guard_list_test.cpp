#include "daemon/guard_list.h"

#include <gtest/gtest.h>

namespace phantom::daemon {
namespace {

TEST(GuardList, is_read_line_by_line) {
    const auto list = parse_guard_list(
        "# mine\n192.0.2.10\r\n  isolation\tdb1 # by name\n\n"
        "route 10.0.0.0/8\nfd00::/8"
    );
    ASSERT_TRUE(list) << list.error();
    const std::vector<GuardEntry> expected{
        {.executor = {}, .what = wire::Prefix::parse("192.0.2.10").value()},
        {.executor = remedy::Executor::kIsolation, .what = "db1"},
        {.executor = remedy::Executor::kRoute, .what = wire::Prefix::parse("10.0.0.0/8").value()},
        {.executor = {}, .what = wire::Prefix::parse("fd00::/8").value()},
    };
    EXPECT_EQ(*list, expected);
    EXPECT_TRUE(parse_guard_list("")->empty());
}

TEST(GuardList, says_in_which_line_what_is_wrong) {
    for (const char* text :
         {"a\nb c", "a\nfirewall 1.2.3.4 5", "a\n1.2.3.4/33", "a\nNobody_", "a\nx\x1b[0m"}) {
        const auto list = parse_guard_list(text);
        ASSERT_FALSE(list) << text;
        EXPECT_TRUE(list.error().starts_with("line 2:")) << list.error();
        EXPECT_EQ(list.error().find('\x1b'), std::string::npos);
    }
}

}  // namespace
}  // namespace phantom::daemon
