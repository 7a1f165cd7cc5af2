#include "wireguard/uapi.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace phantom::wireguard {

namespace {

// https://www.wireguard.com/xplatform/, the example of `set`.
constexpr const char* kPrivateKey =
    "e84b5a6d2717c1003a13b431570353dbaca9146cf150c5f8575680feba52027a";
constexpr const char* kFirstPeer =
    "b85996fecc9c7f1fc6d2572a76eda11d59bcd20be8e543b15ce4bd85a8e75a33";
constexpr const char* kSecondPeer =
    "58402e695ba1772b1cc9309755f043251ea77fdcf10fbe63989ceb7e19321376";
constexpr const char* kPresharedKey =
    "188515093e952f5f22e865cef3012e72f8b5f0b598ac0309d5dacce3b70fcf52";
constexpr const char* kZeroKey = "0000000000000000000000000000000000000000000000000000000000000000";

std::string set_device(const std::string& lines) {
    return "set=1\n" + lines + "\n";
}

std::string set_peer(const std::string& lines) {
    return set_device(std::string("public_key=") + kFirstPeer + "\n" + lines);
}

std::string hex(std::span<const std::uint8_t> bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += "0123456789abcdef"[byte >> 4U];
        text += "0123456789abcdef"[byte & 0xfU];
    }
    return text;
}

struct Refusal {
    UapiError error;
    std::uint32_t line;
    int error_number;
};

void expect_refused(const std::string& text, const Refusal& expected) {
    const auto update = parse_set(text);
    ASSERT_FALSE(update) << text;
    EXPECT_TRUE(update.error().is(expected.error)) << text << update.error().message();
    EXPECT_EQ(update.error().detail(), expected.line) << text;
    EXPECT_EQ(errno_of(update.error()), expected.error_number) << text;
}

void expect_device_line_refused(const std::string& line, UapiError error, int error_number) {
    expect_refused(set_device(line + "\n"), {error, 2, error_number});
}

void expect_peer_line_refused(const std::string& line, UapiError error, int error_number) {
    expect_refused(set_peer(line + "\n"), {error, 3, error_number});
}

std::string as_string(const SecretText& text) {
    return {text.begin(), text.end()};
}

std::uint32_t lookup_eth7(std::string_view name) {
    return name == "eth7" ? 7 : 0;
}

}  // namespace

// ---- Set: a device ----------------------------------------------------------------------------

TEST(UapiSet, reads_the_example_of_the_specification) {
    const auto update = parse_set(set_device(
        std::string("private_key=") + kPrivateKey + "\nlisten_port=12912\nreplace_peers=true\n" +
        "fwmark=0\npublic_key=" + kFirstPeer + "\npreshared_key=" + kPresharedKey +
        "\nreplace_allowed_ips=true\nallowed_ip=192.168.4.4/32\n" +
        "endpoint=[abcd:23::33]:51820\npublic_key=" + kSecondPeer +
        "\nreplace_allowed_ips=true\nallowed_ip=192.168.4.6/32\n" +
        "persistent_keepalive_interval=111\nendpoint=182.122.22.19:3233\n"
    ));
    ASSERT_TRUE(update);
    EXPECT_EQ(hex(update->private_key->view()), kPrivateKey);
    EXPECT_EQ(update->listen_port, 12912);
    EXPECT_EQ(update->fwmark, 0);
    EXPECT_TRUE(update->replace_peers);
    ASSERT_EQ(update->peers.size(), 2);
    const PeerUpdate& first = update->peers[0];
    EXPECT_EQ(hex(first.public_key), kFirstPeer);
    EXPECT_EQ(hex(first.preshared_key->view()), kPresharedKey);
    EXPECT_TRUE(first.replace_allowed_ips);
    EXPECT_EQ(first.endpoint->to_string(), "[abcd:23::33]:51820");
    EXPECT_FALSE(first.persistent_keepalive_s);
    ASSERT_EQ(first.allowed_ips.size(), 1);
    EXPECT_EQ(first.allowed_ips[0].prefix.to_string(), "192.168.4.4/32");
    EXPECT_FALSE(first.allowed_ips[0].remove);
    const PeerUpdate& second = update->peers[1];
    EXPECT_EQ(hex(second.public_key), kSecondPeer);
    EXPECT_FALSE(second.preshared_key);
    EXPECT_EQ(second.persistent_keepalive_s, 111);
    EXPECT_EQ(second.endpoint->to_string(), "182.122.22.19:3233");
}

TEST(UapiSet, of_nothing_changes_nothing) {
    const auto update = parse_set("set=1\n\n");
    ASSERT_TRUE(update);
    EXPECT_FALSE(update->private_key || update->listen_port || update->fwmark);
    EXPECT_FALSE(update->replace_peers);
    EXPECT_TRUE(update->peers.empty());
}

TEST(UapiSet, zero_private_key_means_none) {
    const auto update = parse_set(set_device(std::string("private_key=") + kZeroKey + "\n"));
    ASSERT_TRUE(update && update->private_key);
    EXPECT_TRUE(update->private_key->is_zero());
}

TEST(UapiSet, private_key_is_clamped) {
    const auto update = parse_set(set_device("private_key=" + std::string(64, 'f') + "\n"));
    ASSERT_TRUE(update && update->private_key);
    EXPECT_EQ(hex(update->private_key->view()), "f8" + std::string(60, 'f') + "7f");
}

TEST(UapiSet, hexadecimal_digits_may_be_upper_case) {
    std::string upper = kPresharedKey;
    std::ranges::transform(upper, upper.begin(), [](unsigned char digit) {
        return static_cast<char>(std::toupper(digit));
    });
    const auto update = parse_set(set_peer("preshared_key=" + upper + "\n"));
    ASSERT_TRUE(update);
    EXPECT_EQ(hex(update->peers[0].preshared_key->view()), kPresharedKey);
}

TEST(UapiSet, fwmark_is_decimal_or_hexadecimal) {
    EXPECT_EQ(parse_set(set_device("fwmark=4294967295\n"))->fwmark, UINT32_MAX);
    EXPECT_EQ(parse_set(set_device("fwmark=0xca6c\n"))->fwmark, 0xca6c);
    EXPECT_EQ(parse_set(set_device("fwmark=0\n"))->fwmark, 0);
}

TEST(UapiSet, last_of_a_repeated_key_wins) {
    const auto update = parse_set(set_device("listen_port=1\nlisten_port=2\n"));
    ASSERT_TRUE(update);
    EXPECT_EQ(update->listen_port, 2);
}

TEST(UapiSet, refuses_each_bad_device_line) {
    using enum UapiError;
    const std::string key = kPrivateKey;
    expect_device_line_refused("private_key=", kBadKey, -EINVAL);
    expect_device_line_refused("private_key=" + key.substr(1), kBadKey, -EINVAL);
    expect_device_line_refused("private_key=" + key + "0", kBadKey, -EINVAL);
    expect_device_line_refused("private_key=" + key.substr(1) + "g", kBadKey, -EINVAL);
    expect_device_line_refused("private_key=" + key.substr(1) + " ", kBadKey, -EINVAL);
    for (const char* port : {"", "-1", "+1", "65536", "0x10", "12 ", " 12", "1e3", "port"}) {
        expect_device_line_refused(std::string("listen_port=") + port, kBadNumber, -EINVAL);
    }
    for (const char* mark : {"", "-1", "4294967296", "0x", "0x100000000", "0xg", "off", "1 "}) {
        expect_device_line_refused(std::string("fwmark=") + mark, kBadNumber, -EINVAL);
    }
    for (const char* flag : {"", "false", "1", "TRUE", "true "}) {
        expect_device_line_refused(std::string("replace_peers=") + flag, kBadFlag, -EINVAL);
    }
    expect_device_line_refused("listen_prot=1", kUnknownDeviceKey, -EINVAL);
    expect_device_line_refused("=", kUnknownDeviceKey, -EINVAL);
    expect_device_line_refused("listen_port", kNotKeyAndValue, -EPROTO);
    expect_device_line_refused(" ", kNotKeyAndValue, -EPROTO);
}

TEST(UapiSet, refuses_peer_lines_before_a_peer_and_device_lines_after) {
    using enum UapiError;
    expect_device_line_refused("allowed_ip=10.0.0.0/8", kUnknownDeviceKey, -EINVAL);
    expect_device_line_refused("endpoint=192.0.2.1:1", kUnknownDeviceKey, -EINVAL);
    expect_device_line_refused("protocol_version=1", kUnknownDeviceKey, -EINVAL);
    expect_peer_line_refused("listen_port=1", kUnknownPeerKey, -EINVAL);
    expect_peer_line_refused("replace_peers=true", kUnknownPeerKey, -EINVAL);
}

TEST(UapiSet, refuses_an_operation_without_its_blank_line) {
    expect_refused("set=1\nlisten_port=5", {UapiError::kNotKeyAndValue, 3, -EPROTO});
    expect_refused("set=1\nlisten_port=5\n", {UapiError::kNotKeyAndValue, 3, -EPROTO});
    expect_refused("set=1\n", {UapiError::kNotKeyAndValue, 2, -EPROTO});
    expect_refused("", {UapiError::kNotKeyAndValue, 1, -EPROTO});
}

TEST(UapiSet, refuses_another_operation) {
    expect_refused("get=1\n\n", {UapiError::kUnknownOperation, 1, -EINVAL});
    expect_refused("set=2\n\n", {UapiError::kUnknownOperation, 1, -EINVAL});
    expect_refused("\n", {UapiError::kUnknownOperation, 1, -EINVAL});
}

TEST(UapiSet, error_names_the_line) {
    const auto update = parse_set(set_peer("remove=true\nallowed_ip=1.2.3.4/33\n"));
    ASSERT_FALSE(update);
    EXPECT_EQ(update.error().message(), "uapi: allowed IP is not ADDRESS/LENGTH (4)");
}

// ---- Set: peers -------------------------------------------------------------------------------

TEST(UapiSet, reads_every_peer_field) {
    const auto update = parse_set(set_peer(
        std::string("update_only=true\nprotocol_version=1\npreshared_key=") + kZeroKey +
        "\nendpoint=192.0.2.7:65535\npersistent_keepalive_interval=65535\n"
        "replace_allowed_ips=true\nallowed_ip=0.0.0.0/0\nallowed_ip=-fd00::1/128\n"
    ));
    ASSERT_TRUE(update);
    ASSERT_EQ(update->peers.size(), 1);
    const PeerUpdate& peer = update->peers[0];
    EXPECT_TRUE(peer.update_only);
    EXPECT_FALSE(peer.remove);
    EXPECT_TRUE(peer.preshared_key->is_zero());
    EXPECT_EQ(peer.endpoint->to_string(), "192.0.2.7:65535");
    EXPECT_EQ(peer.persistent_keepalive_s, 65535);
    EXPECT_TRUE(peer.replace_allowed_ips);
    ASSERT_EQ(peer.allowed_ips.size(), 2);
    EXPECT_EQ(peer.allowed_ips[0].prefix.to_string(), "0.0.0.0/0");
    EXPECT_FALSE(peer.allowed_ips[0].remove);
    EXPECT_EQ(peer.allowed_ips[1].prefix.to_string(), "fd00::1/128");
    EXPECT_TRUE(peer.allowed_ips[1].remove);
}

TEST(UapiSet, replace_allowed_ips_forgets_those_before_it) {
    const auto update = parse_set(
        set_peer("allowed_ip=10.0.0.0/8\nreplace_allowed_ips=true\nallowed_ip=10.1.0.0/16\n")
    );
    ASSERT_TRUE(update);
    ASSERT_EQ(update->peers[0].allowed_ips.size(), 1);
    EXPECT_EQ(update->peers[0].allowed_ips[0].prefix.to_string(), "10.1.0.0/16");
}

TEST(UapiSet, remove_leaves_the_rest_of_its_section_without_effect) {
    const auto update = parse_set(
        set_peer("allowed_ip=10.0.0.0/8\nremove=true\nendpoint=192.0.2.1:1\nupdate_only=true\n"
                 "persistent_keepalive_interval=5\n")
    );
    ASSERT_TRUE(update);
    const PeerUpdate& peer = update->peers[0];
    EXPECT_EQ(hex(peer.public_key), kFirstPeer);
    EXPECT_TRUE(peer.remove);
    EXPECT_TRUE(peer.allowed_ips.empty());
    EXPECT_FALSE(peer.endpoint || peer.persistent_keepalive_s || peer.update_only);
}

TEST(UapiSet, a_removed_peers_lines_are_still_checked) {
    expect_refused(
        set_peer("remove=true\nendpoint=nowhere\n"), {UapiError::kBadEndpoint, 4, -EINVAL}
    );
}

TEST(UapiSet, a_peer_named_twice_is_two_changes_in_order) {
    const std::string section = std::string("public_key=") + kFirstPeer + "\n";
    const auto update =
        parse_set(set_device(section + "remove=true\n" + section + "allowed_ip=10.0.0.1/32\n"));
    ASSERT_TRUE(update);
    ASSERT_EQ(update->peers.size(), 2);
    EXPECT_EQ(update->peers[0].public_key, update->peers[1].public_key);
    EXPECT_TRUE(update->peers[0].remove);
    EXPECT_FALSE(update->peers[1].remove);
    EXPECT_EQ(update->peers[1].allowed_ips.size(), 1);
}

TEST(UapiSet, allowed_ip_loses_its_host_bits) {
    const auto update = parse_set(set_peer("allowed_ip=10.1.2.3/8\nallowed_ip=fd00::1/8\n"));
    ASSERT_TRUE(update);
    EXPECT_EQ(update->peers[0].allowed_ips[0].prefix.to_string(), "10.0.0.0/8");
    EXPECT_EQ(update->peers[0].allowed_ips[1].prefix.to_string(), "fd00::/8");
}

TEST(UapiSet, mapped_endpoint_is_an_ipv4_endpoint) {
    const auto update = parse_set(set_peer("endpoint=[::ffff:192.0.2.1]:9\n"));
    ASSERT_TRUE(update);
    EXPECT_EQ(update->peers[0].endpoint->to_string(), "192.0.2.1:9");
}

TEST(UapiSet, zone_of_an_endpoint_is_an_index_or_a_known_name) {
    const auto by_index = parse_set(set_peer("endpoint=[fe80::1%3]:9\n"), lookup_eth7);
    ASSERT_TRUE(by_index);
    EXPECT_EQ(by_index->peers[0].endpoint->scope, 3);
    const auto by_name = parse_set(set_peer("endpoint=[fe80::1%eth7]:9\n"), lookup_eth7);
    ASSERT_TRUE(by_name);
    EXPECT_EQ(by_name->peers[0].endpoint->to_string(), "[fe80::1%7]:9");
    EXPECT_EQ(parse_set(set_peer("endpoint=[fe80::1%3]:9\n"))->peers[0].endpoint->scope, 3);
    for (const char* zone : {"%eth8", "%", "%0", "%eth7%eth7"}) {
        const auto text = set_peer(std::string("endpoint=[fe80::1") + zone + "]:9\n");
        EXPECT_FALSE(parse_set(text, lookup_eth7)) << zone;
    }
    EXPECT_FALSE(parse_set(set_peer("endpoint=[fe80::1%eth7]:9\n")));
    EXPECT_FALSE(parse_set(set_peer("endpoint=[fe80::1%0]:9\n")));
    EXPECT_FALSE(parse_set(set_peer("endpoint=192.0.2.1%eth7:9\n"), lookup_eth7));
    EXPECT_FALSE(parse_set(set_peer("endpoint=[192.0.2.1%eth7]:9\n"), lookup_eth7));
}

TEST(UapiSet, refuses_each_bad_peer_line) {
    using enum UapiError;
    expect_device_line_refused("public_key=", kBadKey, -EINVAL);
    expect_device_line_refused("public_key=" + std::string(63, 'a'), kBadKey, -EINVAL);
    expect_device_line_refused("public_key=" + std::string(64, 'x'), kBadKey, -EINVAL);
    expect_peer_line_refused("preshared_key=", kBadKey, -EINVAL);
    expect_peer_line_refused("preshared_key=" + std::string(66, '0'), kBadKey, -EINVAL);
    for (const char* flag : {"update_only", "remove", "replace_allowed_ips"}) {
        expect_peer_line_refused(std::string(flag) + "=false", kBadFlag, -EINVAL);
        expect_peer_line_refused(std::string(flag) + "=", kBadFlag, -EINVAL);
    }
    for (const char* endpoint :
         {"", "192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "::1:80", "[::1]", "[::1]:x",
          "host.example:1", "[192.0.2.1]:1", "192.0.2.1:-1", "192.0.2.256:1", "]%:1"}) {
        expect_peer_line_refused(std::string("endpoint=") + endpoint, kBadEndpoint, -EINVAL);
    }
    for (const char* interval : {"", "-1", "65536", "off", "1.5"}) {
        expect_peer_line_refused(
            std::string("persistent_keepalive_interval=") + interval, kBadNumber, -EINVAL
        );
    }
    for (const char* prefix :
         {"", "-", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "fd00::/129", "10.0.0/8",
          "10.0.0.0/-8", "--10.0.0.0/8", "/0"}) {
        expect_peer_line_refused(std::string("allowed_ip=") + prefix, kBadAllowedIp, -EINVAL);
    }
    for (const char* version : {"", "0", "2", "01", "1 "}) {
        expect_peer_line_refused(
            std::string("protocol_version=") + version, kBadProtocolVersion, -EINVAL
        );
    }
    expect_peer_line_refused("allowed_ips=10.0.0.0/8", kUnknownPeerKey, -EINVAL);
    expect_peer_line_refused("tx_bytes=0", kUnknownPeerKey, -EINVAL);
    expect_peer_line_refused("remove", kNotKeyAndValue, -EPROTO);
}

TEST(UapiSet, carriage_returns_are_dropped) {
    const auto update = parse_set("set=1\r\nlisten_port=7\r\n\r\n");
    ASSERT_TRUE(update);
    EXPECT_EQ(update->listen_port, 7);
    EXPECT_FALSE(parse_set("set=1\nlisten_port=7\r\r\n\n"));
}

TEST(UapiSet, takes_130560_allowed_ips_in_one_operation) {
    constexpr int kFirst = 255;
    constexpr int kSecond = 256;
    std::string text = "set=1\npublic_key=" + std::string(kFirstPeer) + "\n";
    for (int first = 1; first <= kFirst; ++first) {
        for (int second = 0; second < kSecond; ++second) {
            text += fmt::format("allowed_ip={}.{}.0.0/16\n", first, second);
            text += fmt::format("allowed_ip={:x}::{:x}/128\n", first, second);
        }
    }
    text += "\n";
    ASSERT_LT(text.size(), kUapiOperationSizeMax);
    const auto update = parse_set(text);
    ASSERT_TRUE(update);
    EXPECT_EQ(update->peers[0].allowed_ips.size(), 2 * kFirst * kSecond);
}

// ---- Get --------------------------------------------------------------------------------------

namespace {

PeerStatus make_peer_status(std::uint8_t seed) {
    PeerStatus peer;
    peer.public_key.fill(seed);
    std::ranges::fill(peer.preshared_key.bytes(), static_cast<std::uint8_t>(seed + 1));
    peer.endpoint = *wire::SocketAddress::parse("[fe80::1%2]:51820");
    peer.last_handshake = {1'700'000'000'123'456'789};
    peer.sent_bytes = UINT64_MAX;
    peer.received_bytes = 12;
    peer.persistent_keepalive_s = 25;
    peer.allowed_ips = {*wire::Prefix::parse("10.0.0.0/8"), *wire::Prefix::parse("fd00::/64")};
    return peer;
}

// A get answer holds what a set operation takes, and these besides.
std::string as_set_operation(const std::string& answer) {
    std::string text = "set=1\n";
    std::size_t start = 0;
    while (start < answer.size()) {
        const std::size_t end = answer.find('\n', start);
        const std::string line = answer.substr(start, end - start + 1);
        start = end + 1;
        if (!line.starts_with("last_handshake_time") && !line.starts_with("tx_bytes") &&
            !line.starts_with("rx_bytes") && !line.starts_with("errno")) {
            text += line;
        }
    }
    return text;
}

}  // namespace

TEST(UapiGet, of_a_fresh_device_is_only_the_errno) {
    EXPECT_EQ(as_string(format_get({}, {})), "errno=0\n\n");
}

TEST(UapiGet, prints_every_field) {
    DeviceStatus device;
    std::ranges::fill(device.private_key.bytes(), std::uint8_t{0xab});
    device.peers = {make_peer_status(0x01)};
    const SocketStatus socket{.listen_port = 51820, .fwmark = 0xca6c};
    std::string expected = "private_key=";
    for (int index = 0; index < 32; ++index) {
        expected += "ab";
    }
    expected += "\nlisten_port=51820\nfwmark=51820\npublic_key=" + hex(device.peers[0].public_key);
    expected += "\npreshared_key=" + hex(device.peers[0].preshared_key.view());
    expected +=
        "\nprotocol_version=1\nendpoint=[fe80::1%2]:51820\n"
        "last_handshake_time_sec=1700000000\nlast_handshake_time_nsec=123456789\n"
        "tx_bytes=18446744073709551615\nrx_bytes=12\npersistent_keepalive_interval=25\n"
        "allowed_ip=10.0.0.0/8\nallowed_ip=fd00::/64\nerrno=0\n\n";
    EXPECT_EQ(as_string(format_get(device, socket)), expected);
}

TEST(UapiGet, leaves_out_what_is_not_set) {
    DeviceStatus device;
    device.peers.emplace_back().public_key.fill(0x22);
    EXPECT_EQ(
        as_string(format_get(device, {})),
        "public_key=" + hex(device.peers[0].public_key) + "\npreshared_key=" + kZeroKey +
            "\nprotocol_version=1\nlast_handshake_time_sec=0\nlast_handshake_time_nsec=0\n"
            "tx_bytes=0\nrx_bytes=0\npersistent_keepalive_interval=0\nerrno=0\n\n"
    );
}

TEST(UapiGet, longest_lines_stay_within_the_reservation) {
    DeviceStatus device;
    std::ranges::fill(device.private_key.bytes(), std::uint8_t{0xff});
    for (std::uint8_t seed = 1; seed <= 100; ++seed) {
        PeerStatus& peer = device.peers.emplace_back(make_peer_status(seed));
        peer.endpoint->address.bytes.fill(0xff);
        peer.endpoint->scope = UINT32_MAX;
        peer.last_handshake = {INT64_MAX};
        peer.received_bytes = UINT64_MAX;
        peer.persistent_keepalive_s = UINT16_MAX;
        wire::Address address = peer.endpoint->address;
        peer.allowed_ips.assign(50, wire::Prefix::of(address, 128));
    }
    const auto answer = format_get(device, {.listen_port = UINT16_MAX, .fwmark = UINT32_MAX});
    EXPECT_TRUE(as_string(answer).ends_with("/128\nerrno=0\n\n"));
}

TEST(UapiGet, answer_read_back_as_a_set_is_the_same_device) {
    DeviceStatus device;
    std::ranges::fill(device.private_key.bytes(), std::uint8_t{0x40});
    device.peers = {make_peer_status(0x10), make_peer_status(0x20)};
    device.peers[1].endpoint.reset();
    const std::string answer = as_string(format_get(device, {.listen_port = 9, .fwmark = 8}));
    const auto update = parse_set(as_set_operation(answer));
    ASSERT_TRUE(update) << update.error().message();
    EXPECT_EQ(hex(update->private_key->view()), hex(device.private_key.view()));
    EXPECT_EQ(update->listen_port, 9);
    EXPECT_EQ(update->fwmark, 8);
    ASSERT_EQ(update->peers.size(), device.peers.size());
    for (std::size_t index = 0; index < device.peers.size(); ++index) {
        const PeerUpdate& parsed = update->peers[index];
        const PeerStatus& status = device.peers[index];
        EXPECT_EQ(parsed.public_key, status.public_key);
        EXPECT_EQ(hex(parsed.preshared_key->view()), hex(status.preshared_key.view()));
        EXPECT_EQ(parsed.endpoint, status.endpoint);
        EXPECT_EQ(parsed.persistent_keepalive_s, status.persistent_keepalive_s);
        ASSERT_EQ(parsed.allowed_ips.size(), status.allowed_ips.size());
        for (std::size_t entry = 0; entry < status.allowed_ips.size(); ++entry) {
            EXPECT_EQ(parsed.allowed_ips[entry].prefix, status.allowed_ips[entry]);
        }
    }
}

TEST(UapiErrno, is_the_last_line_of_an_answer) {
    EXPECT_EQ(format_errno(0), "errno=0\n\n");
    EXPECT_EQ(format_errno(kUapiErrnoPortInUse), "errno=-98\n\n");
    EXPECT_EQ(format_errno(kUapiErrnoUnknown), "errno=-55\n\n");
}

TEST(UapiErrno, of_another_components_error_is_invalid) {
    EXPECT_EQ(errno_of(Error(wire::WireError::kBadAddress)), -EINVAL);
    EXPECT_EQ(errno_of(Error(UapiError::kOperationTooLarge)), -EIO);
}

}  // namespace phantom::wireguard
