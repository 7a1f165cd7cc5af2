#include "wireguard/device.h"

#include <gtest/gtest.h>

#include "wireguard/test_host.h"

namespace phantom::wireguard::test {

class DeviceTest : public testing::Test {
  protected:
    DeviceTest() {
        a.add_peer(b);
        b.add_peer(a);
        a.up();
        b.up();
    }

    void exchange() { test::exchange({&a, &b}); }
    // In steps, so that no timer is skipped over.
    void pass(Duration by) {
        const Instant end = clock.now + by;
        while (clock.now < end) {
            clock.advance(std::min<Duration>(100ms, end - clock.now));
            a.tick();
            b.tick();
            exchange();
        }
    }

    Clock clock;
    Host a{clock, 1, 1};
    Host b{clock, 2, 2};
};

TEST_F(DeviceTest, first_packet_makes_the_handshake_and_arrives) {
    a.send_to(b);
    exchange();
    ASSERT_EQ(b.received.size(), 1U);
    EXPECT_EQ(a.device.counters().handshakes_completed, 1U);
    EXPECT_EQ(b.device.counters().handshakes_completed, 1U);
    b.send_to(a);
    exchange();
    EXPECT_EQ(a.received.size(), 1U);
}

TEST_F(DeviceTest, initiator_renews_the_session_after_120_s_without_losing_a_packet) {
    for (int second = 0; second < 300; ++second) {
        a.send_to(b);
        b.send_to(a);
        exchange();
        pass(1s);
    }
    EXPECT_EQ(b.received.size(), 300U);
    EXPECT_EQ(a.received.size(), 300U);
    EXPECT_EQ(a.device.counters().handshakes_completed, 3U);
    EXPECT_EQ(a.rejected + b.rejected, 0U);
}

}  // namespace phantom::wireguard::test
