#include "dataplane/access.h"

#include <gtest/gtest.h>

#include "base/assert.h"
#include "dataplane/access_fixture.h"

namespace phantom::dataplane::test {
namespace {

constexpr const char* kOneToTwo =
    R"({"src": ["one"], "dst": ["two"], "ip": ["tcp:22", "udp:53", "icmp"]})";

// The filter of node one or two, with its own time.
class Access : public testing::Test {
  protected:
    void hold(const std::string& grants) {
        rules_ = {compiled(grants), rules_.generation + 1};
        at(now_s_);
    }
    void at(std::int64_t now_s) {
        now_s_ = now_s;
        filter_.begin_batch(rules_.policy ? &rules_ : nullptr, Instant{now_s * 1'000'000'000});
    }
    bool comes_in(const Packet& packet) {
        return filter_.admits(packet, wire::parse_ip(packet).value());
    }
    void goes_out(const Packet& packet) {
        filter_.note_sent(packet, wire::parse_ip(packet).value());
    }

    SeededRandom random_{1};
    AccessState state_{random_};
    AccessFilter filter_{state_};
    AccessRules rules_{nullptr, 0};
    std::int64_t now_s_ = 1'000;
};

TEST_F(Access, without_a_policy_admits_everything) {
    at(1);
    EXPECT_TRUE(comes_in(tcp(1, 2, 40'000, 22, kSyn)));
}

TEST_F(Access, admits_what_is_granted_and_nothing_else) {
    hold(kOneToTwo);
    for (int again = 0; again < 3; ++again) {
        EXPECT_TRUE(comes_in(tcp(1, 2, 40'000, 22, kSyn)));
        EXPECT_TRUE(comes_in(udp(1, 2, 40'000, 53)));
        EXPECT_TRUE(comes_in(echo(1, 2, true, 7)));
        EXPECT_FALSE(comes_in(tcp(1, 2, 40'000, 23, kSyn)));
        EXPECT_FALSE(comes_in(udp(1, 2, 40'000, 54)));
        EXPECT_FALSE(comes_in(tcp(2, 1, 40'000, 22, kSyn)));
        EXPECT_FALSE(comes_in(ipv4(1, 2, 132, Packet(12))));
    }
}

TEST_F(Access, admits_answers_to_what_went_out) {
    hold(kOneToTwo);
    const auto check = [&](const Packet& question, const Packet& answer, std::uint32_t lasts_s) {
        EXPECT_FALSE(comes_in(answer)) << "to no question";
        goes_out(question);
        EXPECT_TRUE(comes_in(answer));
        at(now_s_ + lasts_s);
        EXPECT_TRUE(comes_in(answer));
        at(now_s_ + 1);
        EXPECT_FALSE(comes_in(answer)) << "too late";
        goes_out(question);
        EXPECT_TRUE(comes_in(answer)) << "it goes on";
    };
    check(tcp(1, 2, 40'000, 22, kSyn), tcp(2, 1, 22, 40'000, kSynAck), kTcpReplyS);
    check(udp(1, 2, 40'000, 53), udp(2, 1, 53, 40'000), kUdpReplyS);
    check(echo(1, 2, true, 7), echo(2, 1, false, 7), kIcmpReplyS);
    EXPECT_FALSE(comes_in(echo(2, 1, false, 8))) << "another identifier";
    EXPECT_FALSE(comes_in(echo(2, 1, true, 7))) << "a question back is none of it";
    EXPECT_FALSE(comes_in(tcp(2, 1, 22, 40'000, kSyn))) << "nor is a new connection";
    EXPECT_FALSE(comes_in(udp(2, 1, 53, 40'001)));
}

TEST_F(Access, an_answer_needs_a_question_that_was_granted) {
    hold(kOneToTwo);
    goes_out(udp(1, 2, 40'000, 99));
    EXPECT_FALSE(comes_in(udp(2, 1, 99, 40'000)));
}

TEST_F(Access, a_policy_that_takes_a_grant_away_ends_its_flows_on_both_sides) {
    hold(kOneToTwo);
    // On two: one asks, and two answers, which is a flow that went out.
    EXPECT_TRUE(comes_in(tcp(1, 2, 40'000, 22, kAckOnly)));
    goes_out(tcp(2, 1, 22, 40'000, kAckOnly));
    // On one, in the same tables: they are about flows, not about nodes.
    goes_out(udp(1, 2, 40'000, 53));
    hold(R"({"src": ["one"], "dst": ["two"], "ip": ["tcp:23"]})");
    EXPECT_FALSE(comes_in(tcp(1, 2, 40'000, 22, kAckOnly)));
    EXPECT_FALSE(comes_in(udp(2, 1, 53, 40'000)));
}

TEST_F(Access, a_policy_that_keeps_a_grant_keeps_its_flows) {
    hold(kOneToTwo);
    goes_out(tcp(1, 2, 40'000, 22, kAckOnly));
    hold(R"({"src": ["*"], "dst": ["two"], "ip": ["tcp:*"]})");
    EXPECT_TRUE(comes_in(tcp(2, 1, 22, 40'000, kAckOnly)));
}

TEST_F(Access, an_error_passes_when_it_is_about_a_flow_that_passes) {
    hold(kOneToTwo);
    const Packet question = udp(1, 2, 40'000, 53);
    EXPECT_FALSE(comes_in(unreachable(2, 1, question))) << "nothing was asked";
    goes_out(question);
    EXPECT_TRUE(comes_in(unreachable(2, 1, question)));
    EXPECT_FALSE(comes_in(unreachable(2, 1, udp(1, 2, 40'000, 99))));
    EXPECT_TRUE(comes_in(unreachable(1, 2, udp(2, 1, 53, 40'000)))) << "about an answer of two's";
}

TEST_F(Access, later_fragments_follow_the_first) {
    hold(kOneToTwo);
    constexpr std::uint16_t kMore = 0x2000;
    const Packet granted = udp(1, 2, 40'000, 53);
    const Packet other = udp(1, 2, 40'000, 54);
    EXPECT_FALSE(comes_in(fragment(granted, 2, 7))) << "before the first";
    EXPECT_TRUE(comes_in(fragment(granted, kMore, 7)));
    EXPECT_TRUE(comes_in(fragment(granted, 2, 7)));
    EXPECT_FALSE(comes_in(fragment(granted, 2, 8))) << "of another packet";
    EXPECT_FALSE(comes_in(fragment(other, kMore, 9)));
    EXPECT_FALSE(comes_in(fragment(other, 2, 9)));
}

// The first packet is looked at closely, the second only glanced at, whichever comes first.
TEST_F(Access, a_glance_says_what_a_close_look_does) {
    hold(kOneToTwo);
    Packet cut = tcp(1, 2, 40'000, 22, kAckOnly);
    cut.resize(20 + 13);
    store_be(&cut[2], static_cast<std::uint16_t>(cut.size()));
    EXPECT_TRUE(comes_in(cut));
    EXPECT_TRUE(comes_in(tcp(1, 2, 40'000, 22, kAckOnly)));
    goes_out(tcp(1, 2, 40'001, 22, kSyn));
    cut = tcp(2, 1, 22, 40'001, kAckOnly);
    EXPECT_TRUE(comes_in(cut));
    EXPECT_FALSE(comes_in(tcp(2, 1, 22, 40'001, kSyn)));
    cut.resize(20 + 13);
    store_be(&cut[2], static_cast<std::uint16_t>(cut.size()));
    EXPECT_FALSE(comes_in(cut)) << "whether it begins a connection is not to be seen";
    for (int family = 0; family < 2; ++family) {
        const Packet packet = family == 0 ? udp(1, 2, 5, 53) : udp6(5, 53);
        const auto ip = wire::parse_ip(packet).value();
        const auto view = policy::view_packet(packet, ip).value();
        EXPECT_EQ(comes_in(packet), family == 0);
        EXPECT_EQ(comes_in(packet), family == 0);
        goes_out(packet);
        EXPECT_NE(state_.replies.noted_s(state_.hash.print(view.flow.reversed())), 0U);
    }
}

TEST_F(Access, more_flows_than_fit_are_still_decided_rightly) {
    hold(kOneToTwo);
    for (int round = 0; round < 2; ++round) {
        for (std::uint16_t port = 1; port < 20'000; ++port) {
            ASSERT_TRUE(comes_in(tcp(1, 2, port, 22, kAckOnly)));
            ASSERT_FALSE(comes_in(tcp(1, 2, port, 23, kAckOnly)));
        }
    }
}

TEST(ReplyTable, the_oldest_gives_way) {
    SeededRandom random(1);
    ReplyTable table;
    constexpr std::uint32_t kFlows = 10 * kReplySets * kReplyWays;
    const auto print = [](std::uint32_t number) { return FlowPrint{number, number * 7}; };
    for (std::uint32_t number = 1; number <= kFlows; ++number) {
        table.note(print(number), number);
    }
    std::size_t kept = 0;
    for (std::uint32_t number = kFlows - 1'000; number <= kFlows; ++number) {
        const std::uint32_t noted_s = table.noted_s(print(number));
        EXPECT_TRUE(noted_s == 0 || noted_s == number);
        kept += noted_s == number ? 1 : 0;
    }
    EXPECT_GT(kept, 990U);
}

TEST(FlowHash, every_part_of_a_flow_counts) {
    SeededRandom random(1);
    const FlowHash hash(random);
    const policy::Flow flow{
        .source = wire::Address::parse("100.64.0.1").value(),
        .destination = wire::Address::parse("100.64.0.2").value(),
        .source_port = 1,
        .destination_port = 2,
        .protocol = 6,
    };
    const FlowPrint print = hash.print(flow);
    EXPECT_EQ(hash.print(flow), print);
    EXPECT_NE(hash.print(flow.reversed()), print);
    EXPECT_NE(hash.print(flow, 1), print);
    for (int part = 0; part < 5; ++part) {
        policy::Flow other = flow;
        (part == 0 ? other.source.bytes[3] : other.destination.bytes[3]) ^= part < 2 ? 8 : 0;
        other.source_port = static_cast<std::uint16_t>(part == 2 ? 9 : other.source_port);
        other.protocol = part == 3 ? 17 : other.protocol;
        other.kind = part == 4 ? policy::Flow::Kind::kEchoReply : other.kind;
        EXPECT_NE(hash.print(other), print) << part;
    }
    SeededRandom another(2);
    EXPECT_NE(FlowHash(another).print(flow), print);
}

}  // namespace
}  // namespace phantom::dataplane::test
