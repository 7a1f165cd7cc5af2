#include "cli/show.h"

#include <gtest/gtest.h>

namespace phantom::cli {
namespace {

const std::vector<std::vector<std::string>> kRows{
    {"NO", "WHAT"},
    {"1", "a text that is longer than most"},
    {"22", "short"},
};

TEST(ShowTable, is_as_wide_as_it_has_to_be) {
    EXPECT_EQ(
        show_table(kRows, SIZE_MAX), "NO  WHAT\n1   a text that is longer than most\n22  short\n"
    );
}

TEST(ShowTable, cuts_the_last_column_where_the_terminal_ends) {
    const std::string table = show_table(kRows, 24);
    EXPECT_EQ(table, "NO  WHAT\n1   a text that is lo...\n22  short\n");
    EXPECT_EQ(show_table(kRows, 35), show_table(kRows, SIZE_MAX)) << "it just fits";
    EXPECT_EQ(show_table(kRows, 10), show_table(kRows, SIZE_MAX)) << "too narrow to cut";
}

TEST(ShowTable, keeps_colours_whole) {
    const std::string red = "\x1b[31m0123456789012345678901234567890\x1b[0m";
    const std::string table = show_table({{"A", red}}, 23);
    EXPECT_EQ(table, "A  \x1b[31m01234567890123456...\x1b[0m\n");
}

}  // namespace
}  // namespace phantom::cli
