#include "cli/progress.h"

#include <fstream>

#include <gtest/gtest.h>

namespace phantom::cli {
namespace {

TEST(ProgressLine, says_how_far_and_how_long) {
    EXPECT_EQ(
        progress_line("reading big.pcap", 0.25, 3, 100),
        "reading big.pcap  [######                  ]  25 %  9 s left"
    );
    EXPECT_EQ(progress_line("x", 0, 1, 100), "x  [                        ]   0 %");
    EXPECT_EQ(progress_line("x", 7, 1, 100), "x  [########################] 100 %  0 s left");
}

TEST(ProgressLine, fits_the_terminal) {
    EXPECT_EQ(progress_line("reading big.pcap", 0.25, 3, 20).size(), 20U);
}

TEST(SizeOfFile, is_nothing_where_there_is_no_file) {
    EXPECT_EQ(size_of_file("-"), 0U);
    EXPECT_EQ(size_of_file("/dev/null"), 0U);
    const std::string name = testing::TempDir() + "progress_test_file";
    std::ofstream(name) << "12345";
    EXPECT_EQ(size_of_file(name), 5U);
}

}  // namespace
}  // namespace phantom::cli
