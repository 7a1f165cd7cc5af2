#include "identity/types.h"

#include <gtest/gtest.h>

#include "identity/identity_fixture.h"
#include "identity/record_checks.h"

namespace phantom::identity {
namespace {

TEST(Id, has_a_long_text_for_machines_and_a_short_one_for_people) {
    NodeId id;
    id.bytes = {0x01, 0x23, 0xab};
    id.bytes[31] = 0xff;
    EXPECT_EQ(id.to_string(), "0123ab00000000000000000000000000000000000000000000000000000000ff");
    EXPECT_EQ(id.short_text(), "0123ab0000000000");
    EXPECT_EQ(NodeId::parse(id.to_string()).value(), id);
}

TEST(Id, is_read_from_its_long_text_only) {
    const std::string text = NodeId().to_string();
    std::string upper_case = text;
    upper_case[0] = 'A';
    std::string not_hexadecimal = text;
    not_hexadecimal[63] = 'g';
    for (const std::string& wrong :
         {std::string(), text.substr(1), text + '0', upper_case, not_hexadecimal}) {
        EXPECT_FALSE(NodeId::parse(wrong).has_value()) << wrong;
    }
}

TEST(Id, follows_from_every_key) {
    const TestNode node(1);
    const NodeId id = node.keys.first_id();
    EXPECT_EQ(id, TestNode(1).keys.first_id());
    NodePublicKeys keys = node.keys.public_keys();
    keys.wireguard[0] ^= 1;
    EXPECT_NE(keys.first_id(), id);
    keys = node.keys.public_keys();
    keys.kem[1'183] ^= 1;
    EXPECT_NE(keys.first_id(), id);
    keys = node.keys.public_keys();
    keys.verify = TestNode(2).keys.public_keys().verify;
    EXPECT_NE(keys.first_id(), id);
}

TEST(Id, of_a_mesh_follows_from_its_root) {
    EXPECT_EQ(TestRoot(1).mesh(), TestRoot(1).mesh());
    EXPECT_NE(TestRoot(1).mesh(), TestRoot(2).mesh());
}

TEST(Label, is_a_lower_case_dns_label) {
    for (const std::string text : {"a", "7", "atlas", "a-b", "x--y", "0a"}) {
        EXPECT_TRUE(Label::parse(text).has_value()) << text;
    }
    EXPECT_TRUE(Label::parse(std::string(63, 'a')).has_value());
    for (const std::string text : {"", "-a", "a-", "A", "a.b", "a b", "a_b", "\xc3\xa4", "a\n"}) {
        EXPECT_FALSE(Label::parse(text).has_value()) << text;
    }
    EXPECT_FALSE(Label::parse(std::string(64, 'a')).has_value());
}

TEST(Tags, are_sixteen_at_most_and_strictly_ascending) {
    std::vector<Label> tags;
    for (char c = 'a'; tags.size() < kTagsMax; ++c) {
        tags.push_back(label(std::string(1, c)));
    }
    EXPECT_TRUE(check_tags(tags).has_value());
    tags.push_back(label("zz"));
    expect_error(check_tags(tags), IdentityError::kTooMany);
    expect_error(check_tags(std::vector{label("b"), label("a")}), IdentityError::kNotCanonical);
    expect_error(check_tags(std::vector{label("a"), label("a")}), IdentityError::kNotCanonical);
    expect_error(check_tags(std::vector{Label()}), IdentityError::kBadLabel);
}

TEST(Lifetime, begins_after_the_clock_skew_and_ends_at_its_end) {
    const UnixTime begin{10'000};
    const UnixTime end{20'000};
    const auto at = [&](std::uint64_t now) { return check_lifetime(begin, end, 10'000, {now}); };
    expect_error(at(10'000 - kClockSkewMaxSeconds - 1), IdentityError::kNotYetValid);
    EXPECT_TRUE(at(10'000 - kClockSkewMaxSeconds).has_value());
    EXPECT_TRUE(at(19'999).has_value());
    expect_error(at(20'000), IdentityError::kExpired);
}

TEST(Lifetime, is_neither_empty_nor_longer_than_allowed) {
    expect_error(check_lifetime({5}, {5}, 10, {5}), IdentityError::kBadLifetime);
    expect_error(check_lifetime({5}, {4}, 10, {5}), IdentityError::kBadLifetime);
    EXPECT_TRUE(check_lifetime({5}, {15}, 10, {5}).has_value());
    expect_error(check_lifetime({5}, {16}, 10, {5}), IdentityError::kBadLifetime);
    expect_error(check_lifetime({0}, {UINT64_MAX}, 10, {5}), IdentityError::kBadLifetime);
}

TEST(UnixTime, is_whole_seconds_and_saturates) {
    EXPECT_EQ(UnixTime::of(WallTime{1'999'999'999}).s, 1U);
    EXPECT_EQ(UnixTime::of(WallTime{-5}).s, 0U);
    EXPECT_EQ(UnixTime{5}.plus(UINT64_MAX).s, UINT64_MAX);
}

TEST(Overlay, ipv6_is_made_of_the_mesh_and_the_node) {
    MeshId mesh;
    mesh.bytes = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66};
    NodeId node;
    node.bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    EXPECT_EQ(overlay_prefix(mesh).to_string(), "fd11:2233:4455::/48");
    EXPECT_EQ(overlay_address(mesh, node).to_string(), "fd11:2233:4455:0:102:304:506:708");
    EXPECT_TRUE(overlay_prefix(mesh).contains(overlay_address(mesh, node)));
}

TEST(Overlay, ipv4_is_private) {
    for (const std::string text : {"10.0.0.1", "172.31.255.1", "192.168.1.1", "100.127.0.1"}) {
        EXPECT_TRUE(is_overlay_v4(wire::Address::parse(text).value())) << text;
    }
    for (const std::string text :
         {"8.8.8.8", "172.32.0.1", "100.128.0.1", "127.0.0.1", "fd00::1"}) {
        EXPECT_FALSE(is_overlay_v4(wire::Address::parse(text).value())) << text;
    }
}

}  // namespace
}  // namespace phantom::identity
