#include "wireguard/forwarding.h"

#include <chrono>
#include <memory>

#include <gtest/gtest.h>

#include "base/random.h"
#include "wireguard/allowed_ip_owners.h"

namespace phantom::wireguard {

namespace {

wire::Prefix prefix(const std::string& text) {
    return *wire::Prefix::parse(text);
}
wire::Address address(const std::string& text) {
    return *wire::Address::parse(text);
}

// The definition, as slow as it is plain.
PeerPath* find_by_definition(
    const std::vector<AllowedIps::Entry>& entries, const wire::Address& wanted
) {
    const AllowedIps::Entry* best = nullptr;
    for (const AllowedIps::Entry& entry : entries) {
        if (entry.prefix.contains(wanted) &&
            (best == nullptr || entry.prefix.length >= best->prefix.length)) {
            best = &entry;
        }
    }
    return best == nullptr ? nullptr : best->path;
}

// Few distinct bytes, so that prefixes nest and collide.
wire::Address random_address(Random& random, wire::Family family) {
    std::array<std::uint8_t, 16> bytes{};
    for (std::uint8_t& byte : bytes) {
        constexpr std::uint8_t kBytes[] = {0x00, 0x01, 0x80, 0xff};
        byte = kBytes[random.below(4)];
    }
    return family == wire::Family::kV4 ? wire::Address::v4(bytes.data())
                                       : wire::Address::v6(bytes.data());
}

}  // namespace

class AllowedIpsTest : public testing::Test {
  protected:
    PeerPath a{1, 0};
    PeerPath b{2, 0};
    PeerPath c{3, 0};
};

// Checklist: longest prefix.
TEST_F(AllowedIpsTest, longest_prefix_wins_in_any_order_of_insertion) {
    const std::vector<AllowedIps::Entry> sorted = {
        {prefix("0.0.0.0/0"), &a},
        {prefix("10.0.0.0/8"), &b},
        {prefix("10.1.0.0/16"), &c},
        {prefix("10.1.2.3/32"), &a}
    };
    const std::vector<AllowedIps::Entry> reversed(sorted.rbegin(), sorted.rend());
    for (const auto& entries : {sorted, reversed}) {
        const AllowedIps table(entries);
        EXPECT_EQ(table.find(address("192.0.2.1")), &a);
        EXPECT_EQ(table.find(address("10.2.0.1")), &b);
        EXPECT_EQ(table.find(address("10.1.2.4")), &c);
        EXPECT_EQ(table.find(address("10.1.2.3")), &a);
    }
}

TEST_F(AllowedIpsTest, families_do_not_mix) {
    const AllowedIps table({{prefix("0.0.0.0/0"), &a}, {prefix("2001:db8::/32"), &b}});
    EXPECT_EQ(table.find(address("::1")), nullptr);
    EXPECT_EQ(table.find(address("2001:db8::1")), &b);
    EXPECT_EQ(table.find(address("1.2.3.4")), &a);
    EXPECT_EQ(table.find(wire::Address{}), nullptr);
}

TEST_F(AllowedIpsTest, empty_table_finds_nobody) {
    EXPECT_EQ(AllowedIps({}).find(address("1.2.3.4")), nullptr);
    EXPECT_EQ(AllowedIps({}).find(address("::")), nullptr);
}

TEST_F(AllowedIpsTest, later_entry_of_the_same_prefix_wins) {
    const AllowedIps table({{prefix("10.0.0.0/8"), &a}, {prefix("10.0.0.0/8"), &b}});
    EXPECT_EQ(table.find(address("10.0.0.1")), &b);
}

TEST_F(AllowedIpsTest, agrees_with_the_definition_on_random_tables) {
    std::vector<std::unique_ptr<PeerPath>> paths;
    for (PeerId id = 1; id <= 8; ++id) {
        paths.push_back(std::make_unique<PeerPath>(id, 0));
    }
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        SeededRandom random(seed);
        std::vector<AllowedIps::Entry> entries;
        for (std::uint64_t count = random.below(60); count > 0; --count) {
            const auto family = random.below(2) == 0 ? wire::Family::kV4 : wire::Family::kV6;
            const wire::Address at = random_address(random, family);
            const auto length = static_cast<std::uint8_t>(random.below(at.bit_count() + 1));
            entries.push_back({wire::Prefix::of(at, length), paths[random.below(8)].get()});
        }
        const AllowedIps table(entries);
        for (int probe = 0; probe < 200; ++probe) {
            const auto family = random.below(2) == 0 ? wire::Family::kV4 : wire::Family::kV6;
            const wire::Address wanted = random_address(random, family);
            ASSERT_EQ(table.find(wanted), find_by_definition(entries, wanted))
                << "seed " << seed << " " << wanted.to_string();
        }
    }
}

// The kernel's end-to-end script configures 255 * 256 * 2 of them.
TEST_F(AllowedIpsTest, holds_130560_prefixes) {
    std::vector<AllowedIps::Entry> entries;
    std::vector<PeerPath*> paths = {&a, &b, &c};
    for (unsigned high = 0; high < 255; ++high) {
        for (unsigned low = 0; low < 256; ++low) {
            const std::uint8_t v4[4] = {
                10, static_cast<std::uint8_t>(high), static_cast<std::uint8_t>(low), 0
            };
            const std::uint8_t v6[16] = {
                0xfd, 0, static_cast<std::uint8_t>(high), static_cast<std::uint8_t>(low)
            };
            PeerPath* owner = paths[(high + low) % 3];
            entries.push_back({wire::Prefix::of(wire::Address::v4(v4), 24), owner});
            entries.push_back({wire::Prefix::of(wire::Address::v6(v6), 32), owner});
        }
    }
    const AllowedIps table(entries);
    for (std::size_t position = 0; position < entries.size(); position += 97) {
        wire::Address inside = entries[position].prefix.address;
        inside.bytes[inside.size_bytes() - 1] = 7;
        ASSERT_EQ(table.find(inside), entries[position].path);
    }
}

// ---- Owners ----

class AllowedIpOwnersTest : public AllowedIpsTest {
  protected:
    AllowedIpOwners owners;
};

// Checklist: one owner (moves on re-add).
TEST_F(AllowedIpOwnersTest, prefix_added_to_another_peer_moves) {
    EXPECT_TRUE(owners.add(prefix("10.0.0.0/8"), a));
    EXPECT_TRUE(owners.add(prefix("10.0.0.0/8"), b));
    EXPECT_TRUE(owners.of(a).empty());
    EXPECT_EQ(owners.of(b), std::vector{prefix("10.0.0.0/8")});
    EXPECT_EQ(owners.size(), 1U);
}

TEST_F(AllowedIpOwnersTest, adding_twice_changes_nothing) {
    EXPECT_TRUE(owners.add(prefix("10.0.0.0/8"), a));
    EXPECT_FALSE(owners.add(prefix("10.0.0.0/8"), a));
    EXPECT_EQ(owners.of(a).size(), 1U);
}

TEST_F(AllowedIpOwnersTest, only_the_owner_can_remove) {
    owners.add(prefix("10.0.0.0/8"), a);
    EXPECT_FALSE(owners.remove(prefix("10.0.0.0/8"), b));
    EXPECT_FALSE(owners.remove(prefix("10.0.0.0/9"), a));
    EXPECT_TRUE(owners.remove(prefix("10.0.0.0/8"), a));
    EXPECT_EQ(owners.size(), 0U);
}

TEST_F(AllowedIpOwnersTest, lists_in_the_order_of_addition) {
    owners.add(prefix("10.9.0.0/16"), a);
    owners.add(prefix("fd00::/8"), a);
    owners.add(prefix("10.1.0.0/16"), a);
    EXPECT_EQ(
        owners.of(a),
        (std::vector{prefix("10.9.0.0/16"), prefix("fd00::/8"), prefix("10.1.0.0/16")})
    );
    EXPECT_TRUE(owners.remove_all(a));
    EXPECT_FALSE(owners.remove_all(a));
    EXPECT_TRUE(owners.entries().empty());
}

// ---- Sessions by index ----

TEST(SessionTableTest, finds_by_whole_index_not_by_slot) {
    PeerPath path(1, 0);
    SessionTable table(16);
    Session session(
        {.path = &path,
         .local_index = 0x1234'0005,
         .remote_index = 0,
         .owner_shard = 0,
         .initiator = true,
         .created = Instant{1}},
        {}, {}
    );
    EXPECT_TRUE(table.slot_free(0x1234'0005));
    table.insert(&session);
    EXPECT_FALSE(table.slot_free(0x9999'0005));
    EXPECT_EQ(table.find(0x1234'0005), &session);
    EXPECT_EQ(table.find(0x9999'0005), nullptr);
    EXPECT_EQ(table.find(0x1234'0006), nullptr);
    table.erase(&session);
    EXPECT_EQ(table.find(0x1234'0005), nullptr);
}

}  // namespace phantom::wireguard
