#include "daemon/options.h"

#include <cstring>
#include <map>
#include <vector>

#include <gtest/gtest.h>

namespace phantom::daemon {
namespace {

std::map<std::string, std::string> g_environment;

const char* environment(const char* name) {
    const auto found = g_environment.find(name);
    return found == g_environment.end() ? nullptr : found->second.c_str();
}

ParsedOptions parse(
    std::vector<const char*> arguments, std::map<std::string, std::string> variables = {}
) {
    g_environment = std::move(variables);
    return parse_options(arguments, environment);
}

TEST(Options, interface_alone_goes_into_the_background) {
    const auto parsed = parse({"wg0"});
    ASSERT_TRUE(parsed.options);
    EXPECT_EQ(parsed.options->interface, "wg0");
    EXPECT_FALSE(parsed.options->foreground);
}

TEST(Options, foreground_by_flag_or_environment) {
    EXPECT_TRUE(parse({"-f", "wg0"}).options->foreground);
    EXPECT_TRUE(parse({"--foreground", "wg0"}).options->foreground);
    EXPECT_TRUE(parse({"wg0"}, {{"WG_PROCESS_FOREGROUND", "1"}}).options->foreground);
    EXPECT_FALSE(parse({"wg0"}, {{"WG_PROCESS_FOREGROUND", "0"}}).options->foreground);
}

TEST(Options, log_level_as_wireguard_go_has_it) {
    EXPECT_EQ(parse({"wg0"}, {{"LOG_LEVEL", "verbose"}}).options->log_level, log::Level::kDebug);
    EXPECT_EQ(parse({"wg0"}, {{"LOG_LEVEL", "error"}}).options->log_level, log::Level::kError);
    EXPECT_EQ(parse({"wg0"}, {{"LOG_LEVEL", "silent"}}).options->log_level, log::Level::kSilent);
    EXPECT_EQ(parse({"wg0"}).options->log_level, log::Level::kInfo);
    EXPECT_FALSE(parse({"wg0"}).options->log_level_given);
}

TEST(Options, descriptors_are_taken_over) {
    const auto parsed = parse({"wg0"}, {{"WG_TUN_FD", "3"}, {"WG_UAPI_FD", "4"}});
    EXPECT_EQ(parsed.options->tun_fd, 3);
    EXPECT_EQ(parsed.options->uapi_fd, 4);
    const auto refused = parse({"wg0"}, {{"WG_TUN_FD", "three"}});
    EXPECT_FALSE(refused.options);
    EXPECT_NE(refused.text.find("WG_TUN_FD='three'"), std::string::npos);
}

TEST(Options, offloads_can_be_taken_away) {
    const auto parsed = parse({"wg0"}, {{"PHANTOM_OFFLOADS", "-gso,-uso"}});
    EXPECT_FALSE(parsed.options->offloads.gso);
    EXPECT_FALSE(parsed.options->offloads.uso);
    EXPECT_TRUE(parsed.options->offloads.tso);
    EXPECT_FALSE(parse({"wg0"}, {{"PHANTOM_OFFLOADS", "-all"}}).options);
}

TEST(Options, shard_count_has_bounds) {
    EXPECT_EQ(parse({"wg0"}, {{"PHANTOM_SHARDS", "64"}}).options->shard_count, 64U);
    for (const char* wrong : {"0", "65", "-1", "x", ""}) {
        EXPECT_FALSE(parse({"wg0"}, {{"PHANTOM_SHARDS", wrong}}).options) << wrong;
    }
}

TEST(Options, refusals_say_what_to_do) {
    for (const auto& arguments : std::vector<std::vector<const char*>>{
             {}, {"-x", "wg0"}, {"wg0", "wg1"}, {"sixteen-letters-"}, {"a/b"}
         }) {
        const auto parsed = parse(arguments);
        EXPECT_FALSE(parsed.options);
        EXPECT_EQ(parsed.exit_status, 1);
        EXPECT_NE(parsed.text.find("--help"), std::string::npos) << parsed.text;
    }
}

TEST(Options, help_and_version_succeed) {
    EXPECT_EQ(parse({"--help"}).exit_status, 0);
    EXPECT_NE(parse({"-h"}).text.find("Examples:"), std::string::npos);
    EXPECT_TRUE(parse({"--version"}).text.starts_with("phantomd "));
}

}  // namespace
}  // namespace phantom::daemon
