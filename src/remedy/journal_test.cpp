#include "remedy/journal.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

#include "remedy/remedy_fixture.h"

namespace phantom::remedy {
namespace {

class JournalFileTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "journal_XXXXXX").string();
        PM_ASSERT(::mkdtemp(name.data()) != nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::filesystem::path path() const { return folder_ / "actions"; }
    static Record numbered(std::uint64_t number) {
        return {.kind = RecordKind::kNumbered, .at = kEpoch, .action = {number}};
    }

    std::filesystem::path folder_;
};

TEST_F(JournalFileTest, holds_what_was_appended_for_its_owner_alone) {
    {
        auto opened = JournalFile::open(path());
        ASSERT_TRUE(opened) << opened.error().message();
        EXPECT_TRUE(opened->records.empty());
        ASSERT_TRUE(opened->journal.append(numbered(1)));
        ASSERT_TRUE(opened->journal.append(numbered(2)));
    }
    auto again = JournalFile::open(path());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->records, (std::vector{numbered(1), numbered(2)}));
    EXPECT_EQ(again->cut_bytes, 0U);
    using std::filesystem::perms;
    EXPECT_EQ(
        std::filesystem::status(path()).permissions(), perms::owner_read | perms::owner_write
    );
}

TEST_F(JournalFileTest, a_cut_write_is_taken_off_and_it_goes_on_after_it) {
    {
        auto opened = JournalFile::open(path());
        ASSERT_TRUE(opened);
        ASSERT_TRUE(opened->journal.append(numbered(1)));
        ASSERT_TRUE(opened->journal.append(numbered(2)));
    }
    std::filesystem::resize_file(path(), std::filesystem::file_size(path()) - 3);
    {
        auto opened = JournalFile::open(path());
        ASSERT_TRUE(opened);
        EXPECT_EQ(opened->records, std::vector{numbered(1)});
        EXPECT_GT(opened->cut_bytes, 0U);
        ASSERT_TRUE(opened->journal.append(numbered(3)));
    }
    auto again = JournalFile::open(path());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->records, (std::vector{numbered(1), numbered(3)}));
}

TEST_F(JournalFileTest, is_made_anew_and_goes_on) {
    {
        auto opened = JournalFile::open(path());
        ASSERT_TRUE(opened);
        for (std::uint64_t number = 1; number < 100; ++number) {
            ASSERT_TRUE(opened->journal.append(numbered(number)));
        }
        auto fresh = JournalFile::rewrite(path(), {numbered(99)});
        ASSERT_TRUE(fresh);
        ASSERT_TRUE(fresh->append(numbered(100)));
    }
    auto again = JournalFile::open(path());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->records, (std::vector{numbered(99), numbered(100)}));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "actions.new"));
}

TEST_F(JournalFileTest, says_what_is_wrong_with_the_place) {
    std::filesystem::create_symlink("elsewhere", path());
    EXPECT_TRUE(JournalFile::open(path()).error().is(RemedyError::kJournalOpen));
    EXPECT_TRUE(JournalFile::open(folder_ / "no" / "actions").error().is(RemedyError::kJournalOpen)
    );
}

}  // namespace
}  // namespace phantom::remedy
