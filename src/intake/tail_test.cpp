#include "intake/tail.h"

#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "intake/intake.h"
#include "intake/intake_fixture.h"

namespace phantom::intake::test {
namespace {

namespace fs = std::filesystem;

class TailTest : public IntakeFolder {
  protected:
    Tail tail(TailPosition at = {}, Tail::Begin begin = Tail::Begin::kAtStart) {
        return {path("log"), at, begin};
    }
    std::vector<std::string> read(Tail& tail) {
        std::vector<std::string> lines;
        while (tail.read(kSliceSize, now_, [&](std::string_view line) { lines.emplace_back(line); })
        ) {
        }
        return lines;
    }
    using Lines = std::vector<std::string>;

    Instant now_{1'000'000'000'000};
};

TEST_F(TailTest, each_line_is_read_once_and_only_when_it_is_whole) {
    append("log", "one\ntw");
    Tail log = tail();
    EXPECT_EQ(read(log), (Lines{"one"}));
    append("log", "o\r\n\nthree\n");
    EXPECT_EQ(read(log), (Lines{"two", "three"}));
    EXPECT_EQ(read(log), Lines{});
    EXPECT_EQ(log.behind(), 0U);
}

TEST_F(TailTest, a_file_that_was_there_before_begins_at_its_end_and_one_made_later_at_its_start) {
    append("log", "old\n");
    Tail old = tail({}, Tail::Begin::kAtEnd);
    EXPECT_EQ(read(old), Lines{});
    append("log", "new\n");
    EXPECT_EQ(read(old), (Lines{"new"}));
    Tail later(path("later"), {}, Tail::Begin::kAtEnd);
    EXPECT_EQ(read(later), Lines{});
    EXPECT_NE(later.trouble(), "");
    append("later", "first\n");
    EXPECT_EQ(read(later), (Lines{"first"}));
    EXPECT_EQ(later.trouble(), "");
}

TEST_F(TailTest, a_position_holds_over_a_restart_and_a_part_of_a_line_is_read_again) {
    append("log", "one\ntwo\npart");
    TailPosition at;
    {
        Tail log = tail();
        EXPECT_EQ(read(log), (Lines{"one", "two"}));
        at = log.position();
    }
    EXPECT_EQ(at.offset, 8U);
    append("log", "ial\nfour\n");
    Tail again = tail(at, Tail::Begin::kAtEnd);
    EXPECT_EQ(read(again), (Lines{"partial", "four"}));
}

TEST_F(TailTest, a_renamed_file_is_read_to_its_end_and_then_the_new_one) {
    append("log", "one\n");
    Tail log = tail();
    EXPECT_EQ(read(log), (Lines{"one"}));
    fs::rename(path("log"), path("log.1"));
    append("log.1", "two\n");  // its writer has not noticed
    append("log", "three\n");
    EXPECT_EQ(read(log), (Lines{"two"}));
    now_ = now_ + kRotationGrace;
    EXPECT_EQ(read(log), Lines{}) << "now it changes over";
    EXPECT_EQ(read(log), (Lines{"three"}));
    EXPECT_EQ(log.rotations(), 1U);
}

TEST_F(TailTest, what_was_renamed_while_nobody_looked_is_not_lost) {
    append("log", "one\n");
    TailPosition at;
    {
        Tail log = tail();
        (void)read(log);
        at = log.position();
    }
    append("log", "two\n");
    fs::rename(path("log"), path("log.1"));
    append("log", "three\n");
    Tail again = tail(at);
    EXPECT_EQ(read(again), (Lines{"two"}));
    now_ = now_ + kRotationGrace;
    (void)read(again);
    EXPECT_EQ(read(again), (Lines{"three"}));
}

TEST_F(TailTest, a_file_that_is_cut_begins_anew) {
    append("log", "one\ntwo\n");
    Tail log = tail();
    EXPECT_EQ(read(log), (Lines{"one", "two"}));
    fs::resize_file(path("log"), 0);
    append("log", "new\n");
    EXPECT_EQ(read(log), (Lines{"new"}));
    EXPECT_EQ(log.truncations(), 1U);
}

TEST_F(TailTest, a_line_without_an_end_costs_no_more_than_a_line) {
    append("log", std::string(3 * scenario::kLineSizeMax, 'x'));
    Tail log = tail();
    EXPECT_EQ(read(log), Lines{});
    append("log", "\nshort\n");
    EXPECT_EQ(read(log), (Lines{"short"}));
    EXPECT_EQ(log.too_long(), 1U);
}

TEST_F(TailTest, what_is_no_file_is_not_waited_for) {
    ASSERT_EQ(mkfifo(path("log").c_str(), 0600), 0);
    Tail log = tail();
    EXPECT_EQ(read(log), Lines{});
    EXPECT_NE(log.trouble().find("is no file"), std::string::npos) << log.trouble();
}

}  // namespace
}  // namespace phantom::intake::test
