#include "mesh/carried_links.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace phantom::mesh {
namespace {

using namespace std::chrono_literals;

identity::NodeId called_node(std::uint8_t number) {
    identity::NodeId id{};
    id.bytes[0] = number;
    return id;
}

wire::SocketAddress called_place(std::uint8_t number) {
    const std::array<std::uint8_t, 4> bytes{192, 0, 2, number};
    return {.address = wire::Address::v4(bytes.data()), .port = 443, .scope = 0};
}

CarriedLinks::Member called_member(std::uint8_t number, Way way) {
    return {
        .node = called_node(number), .way = way, .relay = true, .places = {called_place(number)}
    };
}

class CarriedLinksTest : public testing::Test {
  protected:
    CarriedLinks::Output tick(
        const std::vector<CarriedLinks::Member>& members, Duration later = 0s
    ) {
        now_ = now_ + later;
        CarriedLinks::Output out;
        links_.tick(members, now_, out);
        return out;
    }

    Instant now_ = Instant{} + 1h;
    CarriedLinks links_{false};
};

TEST_F(CarriedLinksTest, calls_once_udp_has_been_silent_long_enough) {
    EXPECT_TRUE(tick({called_member(1, Way::kNone)}).calls.empty());
    EXPECT_TRUE(tick({called_member(1, Way::kNone)}, kUdpPatience - 1ms).calls.empty());
    const auto out = tick({called_member(1, Way::kNone)}, 1ms);
    ASSERT_EQ(out.calls.size(), 1U);
    EXPECT_EQ(out.calls[0].place, called_place(1));
    EXPECT_TRUE(tick({called_member(1, Way::kNone)}, 1min).calls.empty()) << "one call at a time";
}

TEST_F(CarriedLinksTest, does_not_wait_where_the_admission_showed_that_udp_is_blocked) {
    links_ = CarriedLinks(true);
    EXPECT_EQ(tick({called_member(1, Way::kNone)}).calls.size(), 1U);
    // One answer over UDP, and it is not blocked.
    links_ = CarriedLinks(true);
    EXPECT_TRUE(tick({called_member(1, Way::kDirect), called_member(2, Way::kNone)}).calls.empty());
}

TEST_F(CarriedLinksTest, calls_nobody_that_udp_or_its_own_call_reaches) {
    const std::vector<CarriedLinks::Member> members{
        called_member(1, Way::kDirect), called_member(2, Way::kCarried)
    };
    (void)tick(members);
    EXPECT_TRUE(tick(members, 1h).calls.empty());
}

TEST_F(CarriedLinksTest, calls_nobody_that_has_no_carrier) {
    CarriedLinks::Member silent = called_member(1, Way::kNone);
    silent.places.clear();
    (void)tick({silent});
    EXPECT_TRUE(tick({silent}, 1h).calls.empty());
}

TEST_F(CarriedLinksTest, keeps_a_few_connections_and_prefers_who_is_not_reached_at_all) {
    std::vector<CarriedLinks::Member> members;
    for (std::uint8_t number = 1; number <= 20; ++number) {
        members.push_back(called_member(number, number < 19 ? Way::kRelayed : Way::kNone));
    }
    (void)tick(members);
    std::vector<CarriedLinks::Call> calls = tick(members, kUdpPatience).calls;
    ASSERT_EQ(calls.size(), kCarriedCallsMax);
    EXPECT_EQ(calls[0].node, called_node(19));
    EXPECT_EQ(calls[1].node, called_node(20));
    std::size_t open = 0;
    for (; !calls.empty() && open <= kCarriedMax; calls = tick(members, 1s).calls) {
        for (const CarriedLinks::Call& call : calls) {
            links_.opened(call.node);
            ++open;
        }
    }
    EXPECT_EQ(open, kCarriedMax);
}

TEST_F(CarriedLinksTest, hangs_up_once_udp_has_held_and_not_before) {
    (void)tick({called_member(1, Way::kNone)});
    (void)tick({called_member(1, Way::kNone)}, kUdpPatience);
    links_.opened(called_node(1));
    EXPECT_TRUE(tick({called_member(1, Way::kDirect)}, 1s).hang_ups.empty());
    EXPECT_TRUE(tick({called_member(1, Way::kCarried)}, 9s).hang_ups.empty()) << "it did not hold";
    EXPECT_TRUE(tick({called_member(1, Way::kDirect)}, 1s).hang_ups.empty());
    EXPECT_EQ(tick({called_member(1, Way::kDirect)}, kCarriedLinger).hang_ups.size(), 1U);
    EXPECT_TRUE(tick({called_member(1, Way::kDirect)}, 1s).hang_ups.empty()) << "told once";
    // The end of it that follows is no failure.
    links_.ended(called_node(1), now_);
    (void)tick({called_member(1, Way::kNone)}, 1s);
    EXPECT_EQ(tick({called_member(1, Way::kNone)}, kUdpPatience).calls.size(), 1U);
}

TEST_F(CarriedLinksTest, waits_longer_after_each_failure_and_tries_all_places) {
    CarriedLinks::Member silent = called_member(1, Way::kNone);
    silent.places.push_back(called_place(2));
    (void)tick({silent});
    ASSERT_EQ(tick({silent}, kUdpPatience).calls.size(), 1U);
    Duration before = 0s;
    for (int failure = 0; failure < 20; ++failure) {
        links_.ended(called_node(1), now_);
        const Instant ended = now_;
        std::vector<CarriedLinks::Call> calls;
        while (calls.empty()) {
            calls = tick({silent}, 500ms).calls;
        }
        EXPECT_EQ(calls[0].place, silent.places[static_cast<std::size_t>(failure + 1) % 2]);
        EXPECT_GE(now_ - ended, before);
        EXPECT_LE(now_ - ended, kCallAgainMax);
        before = now_ - ended;
    }
    EXPECT_EQ(before, Duration(kCallAgainMax));
}

TEST_F(CarriedLinksTest, hangs_up_on_who_is_no_member_any_more) {
    (void)tick({called_member(1, Way::kNone)});
    (void)tick({called_member(1, Way::kNone)}, kUdpPatience);
    links_.opened(called_node(1));
    const auto out = tick({called_member(2, Way::kDirect)});
    ASSERT_EQ(out.hang_ups.size(), 1U);
    EXPECT_EQ(out.hang_ups[0], called_node(1));
}

}  // namespace
}  // namespace phantom::mesh
