#include "base/recent_table.h"

#include <functional>

#include <gtest/gtest.h>

namespace phantom {
namespace {

template <class Table>
void expect_the_oldest_goes(Table table) {
    table.of(5) = 50;
    table.of(1) = 10;
    table.of(9) = 90;
    table.of(5) = 51;  // used again
    table.of(7) = 70;
    EXPECT_EQ(table.size(), 3U);
    EXPECT_EQ(table.find(1), nullptr);
    ASSERT_NE(table.find(5), nullptr);
    EXPECT_EQ(*table.find(5), 51);
    table.erase(9);
    EXPECT_EQ(table.find(9), nullptr);
    EXPECT_EQ(table.size(), 2U);
}

TEST(RecentTable, TheLeastRecentlyUsedGoes) {
    expect_the_oldest_goes(RecentTable<int, int, 3, std::hash<int>>(std::hash<int>()));
    expect_the_oldest_goes(RecentTable<int, int, 3>());
}

}  // namespace
}  // namespace phantom
