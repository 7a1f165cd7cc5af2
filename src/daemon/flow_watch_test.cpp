#include "daemon/flow_watch.h"

#include <gtest/gtest.h>

#include "behaviour/behaviour_fixture.h"

namespace phantom::daemon {
namespace {

using behaviour::test::End;
using behaviour::test::Packet;
using behaviour::test::port_unreachable;
using behaviour::test::tcp_packet;
using dataplane::TapDirection;
using State = WatchedFlow::State;

constexpr Instant kFirstPacketAt{1'000'000'000'000};
constexpr End kClient{.host = 1, .port = 40'000};
constexpr End kServer{.host = 2, .port = 443};

Packet with_payload(Packet packet, std::string_view text) {
    packet.insert(packet.end(), text.begin(), text.end());
    store_be(&packet[2], static_cast<std::uint16_t>(packet.size()));
    return packet;
}

class WatchedFlows : public testing::Test {
  protected:
    void in(const Packet& packet) { watch.packet(packet, TapDirection::kIn, now); }
    void out(const Packet& packet) { watch.packet(packet, TapDirection::kOut, now); }
    std::vector<WatchedFlow> all() {
        std::vector<WatchedFlow> flows;
        watch.visit(now, [&](const WatchedFlow& flow) { flows.push_back(flow); });
        return flows;
    }

    SeededRandom random{1};
    FlowWatch watch{random};
    Instant now = kFirstPacketAt;
};

TEST_F(WatchedFlows, both_ways_are_one_flow_from_its_question_to_its_end) {
    in(tcp_packet(kClient, kServer, behaviour::kSyn));
    ASSERT_EQ(all().size(), 1U);
    EXPECT_EQ(all()[0].state, State::kAsked);
    out(tcp_packet(kServer, kClient, behaviour::kSyn | behaviour::kAck));
    EXPECT_EQ(all()[0].state, State::kOpen);
    in(tcp_packet(kClient, kServer, behaviour::kAck, 100));
    in(tcp_packet(kClient, kServer, behaviour::kAck | behaviour::kFin));
    EXPECT_EQ(all()[0].state, State::kOpen) << "one side may still send";
    out(tcp_packet(kServer, kClient, behaviour::kAck | behaviour::kFin));
    ASSERT_EQ(all().size(), 1U);
    const WatchedFlow flow = all()[0];
    EXPECT_EQ(flow.state, State::kOver);
    EXPECT_EQ(flow.began, TapDirection::kIn);
    EXPECT_EQ(flow.flow.source_port, kClient.port);
    EXPECT_EQ(flow.packets, (std::array<std::uint64_t, 2>{3, 2}));
    EXPECT_EQ(flow.bytes, (std::array<std::uint64_t, 2>{220, 80}));
    EXPECT_TRUE(flow.is_counted_whole);
}

TEST_F(WatchedFlows, the_same_ports_again_are_another_flow) {
    in(tcp_packet(kClient, kServer, behaviour::kSyn));
    out(tcp_packet(kServer, kClient, behaviour::kReset | behaviour::kAck));
    EXPECT_EQ(all()[0].state, State::kOver) << "refused";
    const std::uint64_t first = all()[0].number;
    in(tcp_packet(kClient, kServer, behaviour::kSyn));
    ASSERT_EQ(all().size(), 1U);
    EXPECT_GT(all()[0].number, first);
    EXPECT_EQ(all()[0].state, State::kAsked);
}

TEST_F(WatchedFlows, an_answer_that_is_seen_first_is_no_question) {
    out(tcp_packet(kServer, kClient, behaviour::kSyn | behaviour::kAck));
    EXPECT_EQ(all()[0].flow.destination_port, kServer.port);
    EXPECT_EQ(all()[0].began, TapDirection::kIn) << "who asked is out there";
    EXPECT_EQ(all()[0].packets, (std::array<std::uint64_t, 2>{0, 1}));
    in(tcp_packet({.host = 7, .port = 22}, {.host = 8, .port = 50'000}, behaviour::kAck, 10));
    EXPECT_EQ(all()[1].flow.destination_port, 22)
        << "by its ports, where the beginning was not seen";
    EXPECT_EQ(all()[1].state, State::kOpen);
}

TEST_F(WatchedFlows, what_was_asked_for_is_known_with_what_it_speaks) {
    in(tcp_packet(kClient, {.host = 2, .port = 8'080}, behaviour::kSyn));
    const Packet request = tcp_packet(kClient, {.host = 2, .port = 8'080}, behaviour::kAck);
    in(with_payload(request, "GET /x HTTP/1.1\r\nAccept: */*\r\nhOst:\tDB.Example:8080\r\n\r\n"));
    EXPECT_EQ(all()[0].application, detect::AppProtocol::kHttp);
    EXPECT_EQ(all()[0].name, "db.example");
    const Packet banner = tcp_packet({.host = 3, .port = 22}, kClient, behaviour::kAck);
    out(with_payload(banner, "SSH-2.0-OpenSSH_9.2\r\n"));
    EXPECT_EQ(all()[1].application, detect::AppProtocol::kSsh);
    EXPECT_EQ(all()[1].name, "");
}

TEST_F(WatchedFlows, a_name_can_be_shown_whatever_it_is_made_of) {
    in(with_payload(
        tcp_packet(kClient, kServer, behaviour::kAck),
        "GET / HTTP/1.1\r\nHost: a\x1b[31m\xffz\r\n\r\n"
    ));
    EXPECT_EQ(all()[0].name, "a?[31m?z");
    in(with_payload(
        tcp_packet({.host = 5, .port = 5'000}, kServer, behaviour::kAck),
        "GET / HTTP/1.1\r\nHost: cut-o"
    ));
    EXPECT_EQ(all()[1].name, "") << "a name of which the end is missing is another name";
}

TEST_F(WatchedFlows, what_the_tap_leaves_out_is_not_said_to_be_counted) {
    in(tcp_packet(kClient, kServer, behaviour::kSyn));
    const Packet large = tcp_packet(kClient, kServer, behaviour::kAck, 60'000);
    for (std::uint32_t sent = 0; sent < dataplane::kTapBytesPerFlow; sent += 60'000) {
        EXPECT_TRUE(all()[0].is_counted_whole);
        in(large);
    }
    EXPECT_FALSE(all()[0].is_counted_whole);
}

TEST_F(WatchedFlows, who_is_silent_is_forgotten_and_tcp_may_go_on_unseen) {
    in(tcp_packet(kClient, kServer, behaviour::kSyn));
    out(tcp_packet(kServer, kClient, behaviour::kSyn | behaviour::kAck));
    in(tcp_packet({.host = 9, .port = 9}, kServer, behaviour::kSyn));
    now = now + kWatchedLinger + std::chrono::seconds(1);
    ASSERT_EQ(all().size(), 1U) << "nobody has answered the other";
    now = now + kWatchedTcpIdle;
    EXPECT_TRUE(all().empty());
    out(tcp_packet(kServer, kClient, behaviour::kAck));
    EXPECT_EQ(all().size(), 1U);
}

TEST_F(WatchedFlows, more_than_there_is_room_for_push_out_the_one_silent_for_longest) {
    for (unsigned host = 0; host < kWatchedFlowsMax + 10; ++host) {
        in(tcp_packet({.host = host, .port = 5'000}, kServer, behaviour::kSyn));
    }
    const std::vector<WatchedFlow> flows = all();
    ASSERT_EQ(flows.size(), kWatchedFlowsMax);
    EXPECT_EQ(flows.front().number, 11U);
}

TEST_F(WatchedFlows, errors_and_what_is_cut_off_begin_none) {
    in(port_unreachable(kClient, kServer));
    const Packet whole = tcp_packet(kClient, kServer, behaviour::kSyn);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        watch.packet(ByteView(whole).first(size), TapDirection::kIn, now);
    }
    EXPECT_TRUE(all().empty());
}

}  // namespace
}  // namespace phantom::daemon
