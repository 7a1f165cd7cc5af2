#include "daemon/rule_folder.h"

#include <fstream>

#include <gtest/gtest.h>
#include <stdlib.h>

namespace phantom::daemon {
namespace {

namespace fs = std::filesystem;
using Source = LoadedRuleFile::Source;

constexpr const char* kGood = "alert ip any any -> any any (msg:\"one\"; sid:1;)\n";

class RuleFolderTest : public testing::Test {
  protected:
    RuleFolderTest() {
        std::string name = (fs::temp_directory_path() / "phantom_rules_XXXXXX").string();
        EXPECT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    ~RuleFolderTest() override { fs::remove_all(folder_); }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream(folder_ / name, std::ios::binary) << text;
    }
    // Of the only file.
    static LoadedRuleFile only(const LoadedRules& loaded) {
        EXPECT_EQ(loaded.files.size(), 1U);
        EXPECT_NE(loaded.set, nullptr) << loaded.problem;
        return loaded.files.empty() ? LoadedRuleFile{} : loaded.files.front();
    }

    fs::path folder_;
};

TEST_F(RuleFolderTest, reads_its_files_by_name_and_counts) {
    write(
        "b.rules",
        "alert ip any any -> any any (sid:2;)\nalert nothing any any -> any any (sid:3;)\n"
    );
    write("a.rules", kGood);
    write("notes.txt", "not a rule");
    RuleFolder rules(folder_);
    const LoadedRules loaded = rules.load();
    ASSERT_EQ(loaded.files.size(), 2U);
    EXPECT_EQ(loaded.files[0].name, "a.rules");
    EXPECT_EQ(loaded.files[1].usable, 1U);
    EXPECT_EQ(loaded.files[1].unusable, 1U);
    EXPECT_EQ(loaded.files[1].problem, "") << "what there is none of is no fault of the file";
    ASSERT_EQ(loaded.files[1].refusals.size(), 1U);
    EXPECT_EQ(loaded.files[1].refusals[0].line, 2U);
    EXPECT_EQ(loaded.files[1].refusals[0].problem.sid, 3U);
    ASSERT_NE(loaded.set, nullptr);
    EXPECT_EQ(loaded.set->entries().size(), 2U);
}

TEST_F(RuleFolderTest, keeps_the_last_good_version_of_a_broken_file) {
    for (const char* broken :
         {"alert ip any any -> any any (msg:\"one\"; sid:1", "{\"json\": true}\n", "alert ip any\n",
          "shout ip any any -> any any (sid:1;)\n", "alert nothing any any -> any any (sid:3;)\n",
          "alert ip any any -> any any (msg:\"one; sid:1;)\n"}) {
        write("a.rules", kGood);
        RuleFolder rules(folder_);
        EXPECT_EQ(only(rules.load()).source, Source::kCurrent);
        write("a.rules", broken);
        const LoadedRules loaded = rules.load();
        const LoadedRuleFile file = only(loaded);
        EXPECT_EQ(file.source, Source::kLastGood) << broken;
        EXPECT_EQ(file.usable, 1U);
        EXPECT_NE(file.problem, "");
        EXPECT_EQ(loaded.set->entries().size(), 1U);
        // After a restart too.
        RuleFolder again(folder_);
        EXPECT_EQ(only(again.load()).source, Source::kLastGood);
    }
}

TEST_F(RuleFolderTest, says_in_which_line_a_file_is_broken) {
    write("a.rules", std::string("# mine\n") + kGood + "alert ip any any -> any any (sid:2\n");
    RuleFolder rules(folder_);
    const LoadedRuleFile file = only(rules.load());
    EXPECT_TRUE(file.problem.starts_with("line 3:")) << file.problem;
    EXPECT_EQ(file.source, Source::kInPart) << "where there is no good one, what can be used is";
    EXPECT_EQ(file.usable, 1U);
}

TEST_F(RuleFolderTest, reads_no_device_and_nothing_without_end) {
    fs::create_symlink("/dev/zero", folder_ / "a.rules");
    RuleFolder rules(folder_);
    const LoadedRuleFile file = only(rules.load());
    EXPECT_EQ(file.source, Source::kNone);
    EXPECT_EQ(file.problem, "not a file");
}

TEST_F(RuleFolderTest, forgets_a_file_that_was_taken_out) {
    write("a.rules", kGood);
    RuleFolder rules(folder_);
    EXPECT_EQ(only(rules.load()).usable, 1U);
    fs::remove(folder_ / "a.rules");
    const LoadedRules loaded = rules.load();
    EXPECT_TRUE(loaded.files.empty());
    ASSERT_NE(loaded.set, nullptr);
    EXPECT_TRUE(loaded.set->entries().empty());
    EXPECT_FALSE(fs::exists(folder_ / "good" / "a.rules"));
}

TEST_F(RuleFolderTest, empties_when_its_file_does) {
    write("a.rules", kGood);
    RuleFolder rules(folder_);
    EXPECT_EQ(only(rules.load()).usable, 1U);
    write("a.rules", "# none for now\n");
    EXPECT_EQ(only(rules.load()).source, Source::kCurrent);
}

TEST_F(RuleFolderTest, notices_a_change_once_nobody_writes) {
    write("a.rules", kGood);
    RuleFolder rules(folder_);
    EXPECT_EQ(only(rules.load()).usable, 1U);
    EXPECT_FALSE(rules.has_changed());
    write("b.rules", kGood);
    EXPECT_FALSE(rules.has_changed()) << "just written";
    const auto before = fs::file_time_type::clock::now() - std::chrono::seconds(10);
    fs::last_write_time(folder_ / "a.rules", before);
    fs::last_write_time(folder_ / "b.rules", before);
    EXPECT_TRUE(rules.has_changed());
}

TEST_F(RuleFolderTest, is_empty_where_there_is_no_folder) {
    RuleFolder rules(folder_ / "none");
    const LoadedRules loaded = rules.load();
    EXPECT_TRUE(loaded.files.empty());
    EXPECT_EQ(loaded.problem, "");
    EXPECT_NE(loaded.set, nullptr);
}

}  // namespace
}  // namespace phantom::daemon
