#include "reach/lan_discovery.h"

#include <gtest/gtest.h>

namespace phantom::reach {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kToday{1'800'000'000'000'000'000};
constexpr std::array<std::uint8_t, 3> kMesh{1, 2, 3};
constexpr std::array<std::uint8_t, 3> kOtherMesh{1, 2, 4};

WallTime later(Duration by) {
    return {kToday.ns + by.count()};
}

TEST(Beacon, is_understood_by_members_alone) {
    const Beacon beacon{.time = kToday, .member = 7, .port = 51'820};
    const EncodedBeacon said = BeaconKeys(kMesh).seal(beacon);
    EXPECT_EQ(BeaconKeys(kMesh).open(said, kToday), beacon);
    EXPECT_TRUE(BeaconKeys(kOtherMesh).open(said, kToday).error().is(ReachError::kNotOurs));
}

TEST(Beacon, is_of_use_for_minutes) {
    const BeaconKeys keys(kMesh);
    const EncodedBeacon said = keys.seal({.time = kToday, .member = 7, .port = 51'820});
    EXPECT_TRUE(keys.open(said, later(kBeaconLifetime)));
    EXPECT_TRUE(keys.open(said, later(kBeaconLifetime + 1ns)).error().is(ReachError::kStale));
    EXPECT_TRUE(keys.open(said, later(-kBeaconLifetime - 1ns)).error().is(ReachError::kStale));
}

TEST(Beacon, with_any_bit_changed_is_not_ours) {
    const BeaconKeys keys(kMesh);
    const EncodedBeacon said = keys.seal({.time = kToday, .member = 7, .port = 51'820});
    for (std::size_t bit = 0; bit < 8 * said.size(); ++bit) {
        EncodedBeacon changed = said;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        EXPECT_FALSE(keys.open(changed, kToday)) << bit;
    }
    for (std::size_t size = 0; size < said.size(); ++size) {
        EXPECT_FALSE(keys.open(ByteView(said).first(size), kToday)) << size;
    }
}

// A nanosecond later, half of the bits are others, in every part of it.
TEST(Beacon, looks_random) {
    const BeaconKeys keys(kMesh);
    std::array<int, kBeaconSize> differing{};
    constexpr int kSamples = 256;
    for (int sample = 0; sample < kSamples; ++sample) {
        const auto one = keys.seal({.time = later(Duration(sample)), .member = 7, .port = 1});
        const auto next = keys.seal({.time = later(Duration(sample + 1)), .member = 7, .port = 1});
        for (std::size_t at = 0; at < one.size(); ++at) {
            differing[at] += std::popcount(static_cast<std::uint8_t>(one[at] ^ next[at]));
        }
    }
    for (const int bits : differing) {
        EXPECT_NEAR(bits, 4 * kSamples, kSamples) << "bits of a byte";
    }
}

class LanDiscoveryTest : public testing::Test {
  protected:
    std::optional<LanDiscovery::Neighbour> hear(ByteView datagram) {
        return here_.hear(from_, datagram, now_, kToday);
    }
    unsigned said_within(Duration time) {
        unsigned count = 0;
        for (const Instant end = now_ + time; now_ < end; now_ = now_ + 100ms) {
            count += here_.due(now_, random_) ? 1 : 0;
        }
        return count;
    }

    SeededRandom random_{1};
    Instant now_{1'000'000'000};
    LanDiscovery here_{kMesh, 1};
    LanDiscovery there_{kMesh, 2};
    wire::SocketAddress from_ = *wire::SocketAddress::parse("192.168.1.7:51821");
};

TEST_F(LanDiscoveryTest, learns_where_a_member_listens_and_nothing_from_its_own_beacons) {
    const auto heard = hear(there_.say(40'000, kToday));
    ASSERT_TRUE(heard);
    EXPECT_EQ(heard->member, 2U);
    EXPECT_EQ(heard->endpoint.to_string(), "192.168.1.7:40000");
    EXPECT_FALSE(hear(here_.say(40'000, kToday)));
    EXPECT_FALSE(hear(LanDiscovery(kOtherMesh, 2).say(40'000, kToday)));
    EXPECT_EQ(here_.neighbours().size(), 1U);
}

TEST_F(LanDiscoveryTest, speaks_quickly_at_first_then_seldom) {
    const unsigned first = said_within(10s);
    EXPECT_GE(first, kBeaconBurst);
    EXPECT_LE(first, kBeaconBurst + 1);
    EXPECT_LE(said_within(10min), 21U);
    here_.begin(now_);
    EXPECT_GE(said_within(10s), kBeaconBurst) << "on a new network";
}

TEST_F(LanDiscoveryTest, answers_a_newcomer_once) {
    (void)said_within(60s);
    const auto beacon = there_.say(40'000, kToday);
    ASSERT_TRUE(hear(beacon));
    EXPECT_TRUE(here_.due(now_, random_));
    ASSERT_TRUE(hear(beacon));
    EXPECT_FALSE(here_.due(now_, random_));
}

TEST_F(LanDiscoveryTest, forgets_who_is_silent_and_bounds_what_it_hears) {
    ASSERT_TRUE(hear(there_.say(40'000, kToday)));
    (void)said_within(kNeighbourTimeout + kBeaconInterval * 2);
    EXPECT_TRUE(here_.neighbours().empty());
    unsigned heard = 0;
    for (std::uint16_t port = 1; port <= 1000; ++port) {
        heard += hear(there_.say(port, later(Duration(port)))) ? 1 : 0;
    }
    EXPECT_EQ(heard, kBeaconsHeardMax);
    EXPECT_LE(here_.neighbours().size(), kNeighboursMax);
}

}  // namespace
}  // namespace phantom::reach
