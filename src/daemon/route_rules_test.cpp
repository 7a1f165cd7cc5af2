// What is put into the kernel, as text and as files.

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "daemon/client_routes.h"
#include "daemon/router_rules.h"

namespace phantom::daemon {
namespace {

wire::Prefix prefix_of(const char* text) {
    return wire::Prefix::parse(text).value();
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(RouterRules, forward_what_is_carried_and_nothing_else) {
    const std::vector overlay{prefix_of("100.64.0.0/10"), prefix_of("fd5e::/64")};
    const std::string rules =
        router_rules("phantom0", overlay, {prefix_of("192.168.7.0/24"), prefix_of("10.0.0.0/8")});
    EXPECT_TRUE(
        has(rules,
            "iifname \"phantom0\" oifname != \"phantom0\" ip daddr { 192.168.7.0/24, 10.0.0.0/8 } "
            "accept")
    );
    EXPECT_TRUE(has(rules, "iifname \"phantom0\" oifname != \"phantom0\" drop"));
    EXPECT_TRUE(has(rules, "iifname != \"phantom0\" oifname \"phantom0\" drop"));
    EXPECT_TRUE(
        has(rules,
            "ip saddr { 100.64.0.0/10 } ip daddr { 192.168.7.0/24, 10.0.0.0/8 } oifname != "
            "\"phantom0\" masquerade")
    );
    EXPECT_FALSE(has(rules, "ip6")) << "nothing of IPv6 is carried";
}

TEST(RouterRules, of_an_exit_mean_a_whole_family) {
    const std::vector overlay{prefix_of("100.64.0.0/10"), prefix_of("fd5e::/64")};
    const std::string rules = router_rules("phantom0", overlay, {prefix_of("::/0")});
    EXPECT_TRUE(has(rules, "meta nfproto ipv6 accept"));
    EXPECT_TRUE(has(rules, "ip6 saddr { fd5e::/64 } meta nfproto ipv6"));
    EXPECT_FALSE(has(rules, "nfproto ipv4"));
}

TEST(ExitRules, mark_answers_and_close_our_addresses_to_others) {
    const std::string rules = exit_rules("phantom0", {wire::Address::parse("100.64.0.9").value()});
    EXPECT_TRUE(has(rules, "iifname != \"phantom0\" ip daddr 100.64.0.9"));
    EXPECT_TRUE(has(rules, "ct mark 20768 meta mark set ct mark"));
}

class SysctlJournalTest : public testing::Test {
  protected:
    void SetUp() override {
        std::filesystem::create_directories(root_ / "ipv4/conf/all");
        std::filesystem::create_directories(root_ / "ipv4/conf/eth0");
        put("ipv4/ip_forward", "0");
        put("ipv4/conf/all/forwarding", "0");
        put("ipv4/conf/eth0/forwarding", "0");
        std::filesystem::create_directory(folder_ / "state");
        std::filesystem::permissions(folder_ / "state", std::filesystem::perms::owner_all);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    void put(const std::string& name, const std::string& value) const {
        std::ofstream(root_ / name) << value << "\n";
    }

    std::filesystem::path folder_ = testing::TempDir() + "sysctl_journal_test";
    std::filesystem::path root_ = folder_ / "proc";
};

TEST_F(SysctlJournalTest, puts_back_what_was_also_in_a_later_run) {
    auto files = identity::StateDirectory::open(folder_ / "state");
    ASSERT_TRUE(files) << files.error().message();
    SysctlJournal first(*files, "journal", root_);
    EXPECT_FALSE(first.pending());
    const auto touched = first.each_of("ipv4/conf", "forwarding");
    ASSERT_EQ(touched.size(), 2);
    EXPECT_EQ(touched[0], "ipv4/conf/all/forwarding");
    EXPECT_EQ(first.set(touched, {{"ipv4/conf/eth0/forwarding", "1"}}), std::nullopt);
    EXPECT_EQ(first.value_of("ipv4/conf/eth0/forwarding"), "1");

    SysctlJournal second(*files, "journal", root_);
    EXPECT_TRUE(second.pending()) << "the first was killed";
    second.undo();
    EXPECT_EQ(second.value_of("ipv4/conf/eth0/forwarding"), "0");
    EXPECT_FALSE(second.pending());
    EXPECT_FALSE(SysctlJournal(*files, "journal", root_).pending());
}

TEST_F(SysctlJournalTest, says_what_cannot_be_set) {
    auto files = identity::StateDirectory::open(folder_ / "state");
    ASSERT_TRUE(files);
    SysctlJournal journal(*files, "journal", root_);
    EXPECT_NE(journal.set({}, {{"ipv6/nowhere/at/all", "1"}}), std::nullopt);
    journal.undo();
    EXPECT_EQ(journal.value_of("ipv6/nowhere/at/all"), "");
}

}  // namespace
}  // namespace phantom::daemon
