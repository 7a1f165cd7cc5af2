#include <array>
#include <memory>

#include <gtest/gtest.h>

#include "dataplane/quiescence.h"
#include "dataplane/relay_share.h"
#include "dataplane/staging.h"

namespace phantom::dataplane {
namespace {

std::vector<std::shared_ptr<const void>> one(const std::shared_ptr<int>& object) {
    return {object};
}

TEST(Quiescence, frees_at_once_while_every_shard_sleeps) {
    Quiescence quiescence(2);
    auto object = std::make_shared<int>(1);
    const std::weak_ptr<int> watch = object;
    quiescence.retire(one(object));
    object.reset();
    EXPECT_FALSE(watch.expired());
    quiescence.collect();
    EXPECT_TRUE(watch.expired());
}

TEST(Quiescence, waits_for_each_shard_to_pass) {
    Quiescence quiescence(2);
    quiescence.wake(0);
    quiescence.wake(1);
    auto object = std::make_shared<int>(1);
    const std::weak_ptr<int> watch = object;
    quiescence.retire(one(object));
    object.reset();
    quiescence.pass(0);
    quiescence.collect();
    EXPECT_FALSE(watch.expired()) << "shard 1 may still hold it";
    EXPECT_TRUE(quiescence.pending());
    quiescence.pass(1);
    quiescence.collect();
    EXPECT_TRUE(watch.expired());
    EXPECT_FALSE(quiescence.pending());
}

TEST(Quiescence, passing_before_the_retirement_does_not_count) {
    Quiescence quiescence(1);
    quiescence.wake(0);
    quiescence.pass(0);
    auto object = std::make_shared<int>(1);
    const std::weak_ptr<int> watch = object;
    quiescence.retire(one(object));
    object.reset();
    quiescence.collect();
    EXPECT_FALSE(watch.expired());
    quiescence.sleep(0);
    quiescence.collect();
    EXPECT_TRUE(watch.expired());
}

TEST(Staging, keeps_order_and_forgets_the_oldest_of_129) {
    Staging staging;
    for (std::size_t index = 0; index < wireguard::kStagedPacketsMax; ++index) {
        const std::array<std::uint8_t, 1> packet{static_cast<std::uint8_t>(index)};
        EXPECT_TRUE(staging.add(7, packet));
    }
    const std::array<std::uint8_t, 1> last{200};
    EXPECT_FALSE(staging.add(7, last));
    const auto packets = staging.take(7);
    ASSERT_EQ(packets.size(), wireguard::kStagedPacketsMax);
    EXPECT_EQ(packets.front()[0], 1);
    EXPECT_EQ(packets.back()[0], 200);
    EXPECT_TRUE(staging.take(7).empty());
    EXPECT_EQ(staging.size_bytes(), 0U);
}

// Of so many bytes a second offered for ten seconds, those that were carried a second.
double relayed_per_second(RelayShare& share, wire::HopId member, double offered) {
    constexpr double kDatagram = 1'400;
    const auto apart = Duration(static_cast<std::int64_t>(kDatagram / offered * 1e9));
    const Instant begin = Instant{} + Duration(std::chrono::seconds(1));
    const Instant end = begin + Duration(std::chrono::seconds(10));
    double carried = 0;
    for (Instant now = begin; now < end; now = now + apart) {
        carried += share.take(member, static_cast<std::size_t>(kDatagram), now) ? kDatagram : 0;
    }
    return carried / 10;
}

TEST(RelayShare, member_that_asks_for_less_loses_nothing) {
    RelayShare share;
    const double asked = kRelayedBytesPerSecond * 0.9;
    EXPECT_NEAR(relayed_per_second(share, 7, asked), asked, asked * 0.01);
}

TEST(RelayShare, member_that_asks_for_more_gets_its_share_and_others_theirs) {
    RelayShare share;
    const double greedy = relayed_per_second(share, 7, kRelayedBytesPerSecond * 3.0);
    EXPECT_NEAR(greedy, kRelayedBytesPerSecond, kRelayedBytesPerSecond * 0.05);
    EXPECT_TRUE(share.take(8, 1'400, Instant{} + Duration(std::chrono::seconds(11))));
}

TEST(RelayShare, time_gives_it_back) {
    RelayShare share;
    const Instant now = Instant{} + Duration(std::chrono::seconds(1));
    while (share.take(7, 65'000, now)) {
    }
    EXPECT_FALSE(share.take(7, 1, now));
    EXPECT_TRUE(share.take(7, 1, now + Duration(std::chrono::milliseconds(10))));
}

TEST(Staging, is_bounded_over_all_peers) {
    Staging staging;
    const std::vector<std::uint8_t> packet(60'000);
    std::size_t kept = 0;
    for (wireguard::PeerId peer = 0; peer < 1000; ++peer) {
        kept += staging.add(peer, packet) ? 1U : 0U;
    }
    EXPECT_EQ(kept, kStagedBytesMax / packet.size());
    EXPECT_LE(staging.size_bytes(), kStagedBytesMax);
}

}  // namespace
}  // namespace phantom::dataplane
