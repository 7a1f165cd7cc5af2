#include "names/forwarder.h"

#include <gtest/gtest.h>

namespace phantom::names {
namespace {

class ForwarderTest : public testing::Test {
  protected:
    ForwarderTest() {
        std::array<std::uint8_t, 512> buffer{};
        wire::RecordWriter out(buffer);
        for (const std::uint16_t each : std::array<std::uint16_t, 6>{0x4242, 0x0100, 1, 0, 0, 0}) {
            out.u16(each);
        }
        out.bytes(wire::DnsName::parse("example.org")->bytes());
        out.u16(1);
        out.u16(1);
        message_.assign(out.written().begin(), out.written().end());
        forwarder_.set_servers({server("192.0.2.1:53"), server("192.0.2.2:53")});
    }
    static wire::SocketAddress server(const char* text) {
        return *wire::SocketAddress::parse(text);
    }
    std::optional<Forwarder::Attempt> begin() {
        return forwarder_.begin(
            message_, {.query = *wire::parse_dns_query(message_), .stream = true}, now_, random_
        );
    }
    // What an honest server says to the attempt.
    static std::vector<std::uint8_t> reply(const Forwarder::Attempt& attempt) {
        std::vector<std::uint8_t> bytes(attempt.query.begin(), attempt.query.end());
        bytes[2] |= 0x80;
        return bytes;
    }

    SeededRandom random_{1};
    Forwarder forwarder_;
    std::vector<std::uint8_t> message_;
    Instant now_{1};
};

TEST_F(ForwarderTest, gives_the_reply_the_id_that_the_client_chose) {
    const auto attempt = begin();
    ASSERT_TRUE(attempt);
    EXPECT_EQ(attempt->server, server("192.0.2.1:53"));
    EXPECT_NE(load_be<std::uint16_t>(attempt->query.data()), 0x4242) << "another id goes out";
    auto answered = reply(*attempt);
    ASSERT_TRUE(forwarder_.accept(attempt->slot, answered));
    EXPECT_EQ(load_be<std::uint16_t>(answered.data()), 0x4242);
    EXPECT_TRUE(forwarder_.pending(attempt->slot).stream);
    EXPECT_FALSE(forwarder_.accept(attempt->slot, answered)) << "once";
    EXPECT_EQ(forwarder_.pending_count(), 0U);
}

TEST_F(ForwarderTest, takes_no_reply_with_another_id_or_question) {
    const auto attempt = begin();
    auto other_id = reply(*attempt);
    other_id[1] ^= 1;
    EXPECT_FALSE(forwarder_.accept(attempt->slot, other_id));
    auto other_name = reply(*attempt);
    other_name[13] ^= 1;
    EXPECT_FALSE(forwarder_.accept(attempt->slot, other_name));
    auto query = reply(*attempt);
    query[2] &= 0x7f;
    EXPECT_FALSE(forwarder_.accept(attempt->slot, query));
    EXPECT_EQ(forwarder_.pending_count(), 1U) << "and goes on waiting";
}

TEST_F(ForwarderTest, asks_the_servers_in_turn_and_gives_up) {
    const auto attempt = begin();
    EXPECT_TRUE(forwarder_.due(now_).empty());
    const std::array turns{"192.0.2.2:53", "192.0.2.1:53", "192.0.2.2:53"};
    auto id = load_be<std::uint16_t>(attempt->query.data());
    for (const char* turn : turns) {
        now_ = now_ + kForwardPatience;
        ASSERT_EQ(forwarder_.due(now_), std::vector{attempt->slot});
        const auto next = forwarder_.retry(attempt->slot, now_, random_);
        ASSERT_TRUE(next);
        EXPECT_EQ(next->server, server(turn));
        const auto next_id = load_be<std::uint16_t>(next->query.data());
        EXPECT_NE(next_id, id);
        id = next_id;
    }
    now_ = now_ + kForwardPatience;
    EXPECT_FALSE(forwarder_.retry(attempt->slot, now_, random_));
    EXPECT_EQ(forwarder_.pending_count(), 0U);
    EXPECT_EQ(forwarder_.pending(attempt->slot).query.id, 0x4242) << "who is to be told";
}

TEST_F(ForwarderTest, is_bounded) {
    for (std::size_t count = 0; count < kForwardPendingMax; ++count) {
        ASSERT_TRUE(begin());
    }
    EXPECT_FALSE(begin());
    forwarder_.drop(5);
    EXPECT_TRUE(begin());
    forwarder_.set_servers({});
    forwarder_.drop(5);
    EXPECT_FALSE(begin()) << "nobody to ask";
}

}  // namespace
}  // namespace phantom::names
