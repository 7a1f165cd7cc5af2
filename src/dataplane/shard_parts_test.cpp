#include <array>
#include <memory>

#include <gtest/gtest.h>

#include "dataplane/quiescence.h"
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
