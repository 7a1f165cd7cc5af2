#include "wireguard/quick_config.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "wireguard/key_text.h"

namespace phantom::wireguard {
namespace {

// The bytes 1 to 32.
constexpr const char* kKey = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";

std::string typical() {
    return fmt::format(
        "[Interface]\n"
        "Address = 10.7.0.1/24, fd07::1/64\n"
        "PrivateKey = {0}\n"
        "DNS = 192.0.2.53 # ours\n"
        "\n"
        "[peer]\n"
        "publickey={0}\n"
        "PresharedKey = {0}\n"
        "AllowedIPs = 10.7.0.2/32, 10.8.1.1/16\n"
        "AllowedIPs = fd07::2/128\n"
        "Endpoint = 192.0.2.1:51820\n"
        "PersistentKeepalive = 25\n",
        kKey
    );
}

TEST(KeyText, has_one_form) {
    const auto key = parse_key_text(kKey);
    ASSERT_TRUE(key);
    EXPECT_EQ(key->front(), 1);
    EXPECT_EQ(key->back(), 32);
    EXPECT_EQ(key_text(*key), kKey);
    std::string other(kKey);
    other[42] = 'B';  // a bit below the last byte
    EXPECT_FALSE(parse_key_text(other));
    EXPECT_FALSE(parse_key_text(std::string_view(kKey).substr(1)));
    EXPECT_FALSE(parse_key_text(std::string(44, '=')));
}

TEST(QuickConfig, takes_addresses_and_peers_and_says_what_it_leaves) {
    const auto config = parse_quick_config(typical());
    ASSERT_TRUE(config) << config.error().what;
    ASSERT_EQ(config->addresses.size(), 2U);
    EXPECT_EQ(config->addresses[0].address.to_string(), "10.7.0.1");
    EXPECT_EQ(config->addresses[0].prefix_length, 24);
    EXPECT_EQ(config->not_taken, (std::vector<std::string>{"PrivateKey", "DNS"}));
    ASSERT_EQ(config->peers.size(), 1U);
    const QuickPeer& peer = config->peers.front();
    EXPECT_EQ(key_text(peer.public_key), kKey);
    EXPECT_TRUE(peer.preshared_key);
    ASSERT_EQ(peer.allowed_ips.size(), 3U);
    EXPECT_EQ(peer.allowed_ips[1].to_string(), "10.8.0.0/16");
    EXPECT_EQ(peer.endpoint->to_string(), "192.0.2.1:51820");
    EXPECT_EQ(peer.persistent_keepalive_s, 25);
}

TEST(QuickConfig, comes_back_from_what_is_written) {
    const auto config = parse_quick_config(typical());
    const std::string text = format_quick_config(*config);
    const auto again = parse_quick_config(text);
    ASSERT_TRUE(again);
    EXPECT_EQ(format_quick_config(*again), text);
    EXPECT_TRUE(again->not_taken.empty());
    EXPECT_EQ(again->peers.front().allowed_ips, config->peers.front().allowed_ips);
}

TEST(QuickConfig, refuses_with_the_line) {
    struct Case {
        std::string text;
        std::size_t line;
    };
    const std::string peer = fmt::format("[Peer]\nPublicKey = {}\n", kKey);
    const std::vector<Case> cases{
        {"Address = 10.0.0.1/24\n", 1},
        {"[Interface]\n\nColour = red\n", 3},
        {"[Interface]\nAddress = 10.0.0.1/33\n", 2},
        {"[Interface]\nAddress\n", 2},
        {"[Server]\n", 1},
        {"[Peer]\nAllowedIPs = 10.0.0.0/8\n", 2},
        {"[Peer]\nPublicKey = short\n", 2},
        {peer + "Endpoint = vpn.example.org:51820\n", 3},
        {peer + "AllowedIPs = 10.0.0.0/8, nowhere\n", 3},
        {peer + "PersistentKeepalive = 70000\n", 3},
        {peer + "MTU = 1420\n", 3},
        {peer + "\n" + peer, 5},
    };
    for (const Case& each : cases) {
        const auto config = parse_quick_config(each.text);
        ASSERT_FALSE(config) << each.text;
        EXPECT_EQ(config.error().line, each.line) << each.text << config.error().what;
    }
    EXPECT_FALSE(parse_quick_config(std::string(kQuickConfigSizeMax + 1, '\n')));
}

}  // namespace
}  // namespace phantom::wireguard
