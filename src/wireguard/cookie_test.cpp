#include "wireguard/cookie.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "wireguard/admission.h"
#include "wireguard/constants.h"

namespace phantom::wireguard {

namespace {

constexpr Instant kCookieStart{1'000'000'000};

wire::SocketAddress from(const char* text) {
    return *wire::SocketAddress::parse(text);
}

}  // namespace

class CookieTest : public testing::Test {
  protected:
    // Any bytes serve: macs know nothing of what is before them.
    std::vector<std::uint8_t> message(std::uint8_t fill = 1) {
        std::vector<std::uint8_t> made(sizeof(wire::Initiation), fill);
        made[0] = 1;
        made[1] = made[2] = made[3] = 0;
        return made;
    }
    // The generator learns a cookie for `address`.
    void learn(const wire::SocketAddress& address, Instant now) {
        auto sent = message();
        generator.add_macs(sent, now);
        ASSERT_TRUE(generator.consume(checker.make_reply(sent, address, now, random), now));
    }
    bool next_has_mac2(const wire::SocketAddress& address, Instant now) {
        auto sent = message(2);
        generator.add_macs(sent, now);
        return checker.has_mac2(sent, address, now);
    }

    SeededRandom random{5};
    const crypto::PublicKey own = [this] {
        crypto::PublicKey drawn{};
        random.fill(drawn);
        return drawn;
    }();
    CookieChecker checker{own};
    CookieGenerator generator{own};
    const wire::SocketAddress here = from("192.0.2.1:1000");
};

// Checklist: mac1 always checked.
TEST_F(CookieTest, mac1_covers_every_byte_before_it) {
    auto sent = message();
    generator.add_macs(sent, kCookieStart);
    ASSERT_TRUE(checker.has_mac1(sent));
    for (std::size_t at = 0; at < sent.size() - 16; ++at) {
        sent[at] ^= 0x40;
        EXPECT_FALSE(checker.has_mac1(sent)) << "byte " << at;
        sent[at] ^= 0x40;
    }
}

TEST_F(CookieTest, mac1_is_for_one_public_key) {
    crypto::PublicKey other{};
    random.fill(other);
    auto sent = message();
    CookieGenerator(other).add_macs(sent, kCookieStart);
    EXPECT_FALSE(checker.has_mac1(sent));
}

TEST_F(CookieTest, mac2_is_zero_until_a_cookie_is_known) {
    auto sent = message();
    generator.add_macs(sent, kCookieStart);
    EXPECT_TRUE(std::all_of(sent.end() - 16, sent.end(), [](auto byte) { return byte == 0; }));
    EXPECT_FALSE(checker.has_mac2(sent, here, kCookieStart));
}

TEST_F(CookieTest, cookie_makes_the_next_mac2_valid) {
    learn(here, kCookieStart);
    EXPECT_TRUE(next_has_mac2(here, kCookieStart + 1s));
}

// Checklist: cookie = keyed BLAKE2s-128 over IP and source port.
TEST_F(CookieTest, cookie_is_bound_to_the_address) {
    learn(here, kCookieStart);
    EXPECT_FALSE(next_has_mac2(from("192.0.2.2:1000"), kCookieStart));
    EXPECT_FALSE(next_has_mac2(from("[2001:db8::1]:1000"), kCookieStart));
}

TEST_F(CookieTest, cookie_is_bound_to_the_source_port) {
    learn(here, kCookieStart);
    EXPECT_FALSE(next_has_mac2(from("192.0.2.1:1001"), kCookieStart));
}

// Checklist: the sender uses a cookie for 115 s.
TEST_F(CookieTest, sender_uses_a_cookie_for_115_s) {
    learn(here, kCookieStart);
    EXPECT_TRUE(next_has_mac2(here, kCookieStart + 115s - 1ns));
    EXPECT_FALSE(next_has_mac2(here, kCookieStart + 115s));
}

// Checklist: secret lives 120 s.
TEST_F(CookieTest, secret_lives_120_s) {
    auto sent = message();
    generator.add_macs(sent, kCookieStart);
    ASSERT_TRUE(
        generator.consume(checker.make_reply(sent, here, kCookieStart, random), kCookieStart + 60s)
    );
    auto later = message(2);
    generator.add_macs(later, kCookieStart + 60s);
    EXPECT_TRUE(checker.has_mac2(later, here, kCookieStart + 120s - 1ns));
    EXPECT_FALSE(checker.has_mac2(later, here, kCookieStart + 120s));
    // A new secret: the old cookie stays void.
    (void)checker.make_reply(sent, here, kCookieStart + 120s, random);
    EXPECT_FALSE(checker.has_mac2(later, here, kCookieStart + 120s));
}

TEST_F(CookieTest, unsolicited_reply_is_refused) {
    auto sent = message();
    CookieGenerator other(own);
    other.add_macs(sent, kCookieStart);
    EXPECT_FALSE(
        generator.consume(checker.make_reply(sent, here, kCookieStart, random), kCookieStart)
    );
}

TEST_F(CookieTest, second_reply_to_one_message_is_refused) {
    auto sent = message();
    generator.add_macs(sent, kCookieStart);
    const auto reply = checker.make_reply(sent, here, kCookieStart, random);
    EXPECT_TRUE(generator.consume(reply, kCookieStart));
    EXPECT_FALSE(generator.consume(reply, kCookieStart));
}

// Checklist: XChaCha20-Poly1305 with AAD = mac1 of the last message sent.
TEST_F(CookieTest, reply_to_an_earlier_message_is_refused) {
    auto first = message(1);
    generator.add_macs(first, kCookieStart);
    const auto reply = checker.make_reply(first, here, kCookieStart, random);
    auto second = message(2);
    generator.add_macs(second, kCookieStart);
    EXPECT_FALSE(generator.consume(reply, kCookieStart));
}

TEST_F(CookieTest, each_changed_byte_of_a_reply_is_refused) {
    auto sent = message();
    generator.add_macs(sent, kCookieStart);
    const auto reply = checker.make_reply(sent, here, kCookieStart, random);
    for (std::size_t at = 8; at < sizeof reply; ++at) {
        wire::CookieReply changed = reply;
        reinterpret_cast<std::uint8_t*>(&changed)[at] ^= 0x80;
        EXPECT_FALSE(generator.consume(changed, kCookieStart)) << "byte " << at;
    }
    EXPECT_TRUE(generator.consume(reply, kCookieStart));
}

TEST_F(CookieTest, reply_names_the_sender_index) {
    auto sent = message(7);
    const auto reply = checker.make_reply(sent, here, kCookieStart, random);
    EXPECT_EQ(reply.type, 3U);
    EXPECT_EQ(reply.receiver_index, 0x07070707U);
    EXPECT_EQ(sizeof reply, 64U);
}

// ---- Admission ----

class AdmissionTest : public CookieTest {
  protected:
    Verdict judge(std::size_t queue_depth, Instant now) {
        auto sent = message();
        generator.add_macs(sent, now);
        return admission.judge(sent, here, queue_depth, now);
    }

    Admission admission{own, random};
};

TEST_F(AdmissionTest, bad_mac1_is_refused_under_any_load) {
    auto sent = message();
    EXPECT_EQ(admission.judge(sent, here, 0, kCookieStart), Verdict::kBadMac1);
    EXPECT_EQ(admission.judge(sent, here, kHandshakeQueueSize, kCookieStart), Verdict::kBadMac1);
}

// Checklist: mac2 only under load: queue >= 1/8 full.
TEST_F(AdmissionTest, mac2_is_asked_for_from_an_eighth_of_the_queue) {
    EXPECT_EQ(judge(kHandshakeQueueSize / 8 - 1, kCookieStart), Verdict::kAdmit);
    EXPECT_EQ(judge(kHandshakeQueueSize / 8, kCookieStart), Verdict::kNeedsCookie);
}

// Checklist: sticky for 1 s.
TEST_F(AdmissionTest, load_is_sticky_for_1_s) {
    EXPECT_EQ(judge(kUnderLoadQueueDepth, kCookieStart), Verdict::kNeedsCookie);
    EXPECT_EQ(judge(0, kCookieStart + 1s - 1ns), Verdict::kNeedsCookie);
    EXPECT_EQ(judge(0, kCookieStart + 1s), Verdict::kAdmit);
}

TEST_F(AdmissionTest, valid_mac2_is_admitted_under_load_and_then_rate_limited) {
    auto sent = message();
    generator.add_macs(sent, kCookieStart);
    const auto reply = admission.checker_of(sent).make_reply(sent, here, kCookieStart, random);
    ASSERT_TRUE(generator.consume(reply, kCookieStart));
    for (int time = 0; time < 5; ++time) {
        EXPECT_EQ(judge(kUnderLoadQueueDepth, kCookieStart), Verdict::kAdmit);
    }
    EXPECT_EQ(judge(kUnderLoadQueueDepth, kCookieStart), Verdict::kRateLimited);
}

TEST_F(AdmissionTest, new_public_key_voids_the_cookies) {
    auto sent = message();
    generator.add_macs(sent, kCookieStart);
    ASSERT_TRUE(generator.consume(
        admission.checker_of(sent).make_reply(sent, here, kCookieStart, random), kCookieStart
    ));
    admission.set_public_key(own);
    EXPECT_EQ(judge(kUnderLoadQueueDepth, kCookieStart), Verdict::kNeedsCookie);
}

}  // namespace phantom::wireguard
