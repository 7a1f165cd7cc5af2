#include "behaviour/behaviour.h"

#include <gtest/gtest.h>

#include "behaviour/behaviour_fixture.h"

namespace phantom::behaviour::test {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kAttacker = 7;
constexpr unsigned kVictim = 9;

class BehaviourTest : public testing::Test {
  protected:
    void see(const Packet& packet) {
        behaviour_.packet(packet, now_, [this](const Sign& sign) { signs_.push_back(sign); });
    }
    void pass(Duration time) { now_ = now_ + time; }

    void refused(End from, End to) {
        see(tcp_packet(from, to, kSyn));
        see(tcp_packet(to, from, kReset | kAck));
    }
    void talk(End from, End to, std::size_t bytes, Duration lasting) {
        see(tcp_packet(from, to, kSyn));
        see(tcp_packet(to, from, kSyn | kAck));
        see(tcp_packet(from, to, kAck, bytes));
        pass(lasting);
        see(tcp_packet(from, to, kFin | kAck));
    }
    [[nodiscard]] std::vector<SignKind> kinds() const {
        std::vector<SignKind> all;
        all.reserve(signs_.size());
        for (const Sign& sign : signs_) {
            all.push_back(sign.kind);
        }
        return all;
    }

    SeededRandom random_{1};
    Behaviour behaviour_{random_};
    Instant now_{1'000'000'000'000};
    std::vector<Sign> signs_;
};

TEST_F(BehaviourTest, closed_ports_tried_one_after_the_other_are_a_scan) {
    for (std::uint16_t port = 1; port <= 120; ++port) {
        refused({kAttacker, 40'000}, {kVictim, port});
        pass(10ms);
    }
    using enum SignKind;
    EXPECT_EQ(kinds(), (std::vector{kPortScan, kPortScan, kPortScan})) << "at 25, 50 and 100";
    EXPECT_EQ(signs_[0].subject.to_string(), "100.64.0.7");
    EXPECT_EQ(signs_[0].object.to_string(), "100.64.0.9");
    EXPECT_NEAR(signs_[0].value, kScanTargets, 3);
    EXPECT_LT(signs_[0].llr, signs_[2].llr);
    EXPECT_GE(signs_[2].llr, 7.5);
    EXPECT_NE(explain(signs_[0]).find("100.64.0.7 tried 2"), std::string::npos)
        << explain(signs_[0]);
}

TEST_F(BehaviourTest, silence_is_a_refusal_after_a_while) {
    for (std::uint16_t port = 1; port <= 60; ++port) {
        see(tcp_packet({kAttacker, 40'000}, {kVictim, port}, kSyn));
    }
    EXPECT_TRUE(signs_.empty()) << "the answers may be on their way";
    pass(1500ms);
    see(tcp_packet({kAttacker, 40'000}, {kVictim, 61}, kSyn));
    ASSERT_EQ(signs_.size(), 1U);
    EXPECT_EQ(signs_[0].kind, SignKind::kPortScan);
    EXPECT_NEAR(signs_[0].failed, 60, 1);
}

TEST_F(BehaviourTest, refused_datagrams_are_a_scan_too) {
    for (std::uint16_t port = 1; port <= 40; ++port) {
        see(port_unreachable({kAttacker, 40'000}, {kVictim, port}));
    }
    ASSERT_EQ(signs_.size(), 1U);
    EXPECT_EQ(signs_[0].kind, SignKind::kPortScan);
    EXPECT_EQ(signs_[0].subject.to_string(), "100.64.0.7") << "who asked, not who refused";
}

TEST_F(BehaviourTest, one_port_of_many_addresses_is_a_scan_of_hosts) {
    for (unsigned host = 100; host < 160; ++host) {
        refused({kAttacker, 40'000}, {host, 22});
    }
    ASSERT_FALSE(signs_.empty());
    EXPECT_EQ(signs_.back().kind, SignKind::kHostScan);
    EXPECT_EQ(info_of(signs_.back().kind).technique, "T1018");
}

TEST_F(BehaviourTest, who_gets_answers_does_not_scan) {
    for (std::uint16_t number = 0; number < 300; ++number) {
        const auto client = static_cast<std::uint16_t>(40'000 + number);
        talk({kAttacker, client}, {100U + number % 60, 443}, 20'000, 20ms);
    }
    EXPECT_TRUE(signs_.empty());
}

TEST_F(BehaviourTest, who_is_refused_now_and_then_does_not_scan) {
    for (std::uint16_t number = 0; number < 200; ++number) {
        refused({kAttacker, 40'000}, {kVictim, static_cast<std::uint16_t>(1 + number % 30)});
        pass(600ms);  // 16 in a window
    }
    EXPECT_TRUE(signs_.empty());
}

TEST_F(BehaviourTest, who_tries_one_port_after_the_other_scans_however_slowly) {
    for (std::uint16_t port = 1; port <= 100; ++port) {
        see(tcp_packet({kAttacker, 40'000}, {kVictim, port}, kSyn));  // nobody answers
        pass(4s);
    }
    using enum SignKind;
    ASSERT_EQ(kinds(), std::vector{kSlowScan});
    EXPECT_NEAR(signs_[0].value, kSlowScanTargets, 6);
}

TEST_F(BehaviourTest, the_victim_of_a_scan_is_not_its_source) {
    for (std::uint16_t port = 1; port <= 120; ++port) {
        refused({kAttacker, 40'000}, {kVictim, port});
    }
    for (const Sign& sign : signs_) {
        EXPECT_EQ(sign.subject.to_string(), "100.64.0.7");
    }
}

TEST_F(BehaviourTest, short_connections_to_a_login_are_guesses) {
    for (std::uint16_t number = 0; number < 45; ++number) {
        const auto client = static_cast<std::uint16_t>(40'000 + number);
        talk({kAttacker, client}, {kVictim, 22}, 2'000, 500ms);
    }
    using enum SignKind;
    EXPECT_EQ(kinds(), (std::vector{kBruteForce, kBruteForce, kBruteForce})) << "at 10, 20 and 40";
    EXPECT_EQ(
        explain(signs_[0]),
        "100.64.0.7 made 10 short connections to port 22 of 100.64.0.9 in a minute"
    );
    EXPECT_GE(signs_[2].llr, 7.5);
}

TEST_F(BehaviourTest, work_over_many_connections_is_not_guessing) {
    for (std::uint16_t number = 0; number < 100; ++number) {
        const auto client = static_cast<std::uint16_t>(40'000 + number);
        talk({kAttacker, client}, {kVictim, 22}, 50'000, 100ms);    // much was said
        talk({kAttacker, client}, {kVictim, 8'080}, 2'000, 100ms);  // nobody logs in there
    }
    for (std::uint16_t number = 0; number < 100; ++number) {
        const auto client = static_cast<std::uint16_t>(50'000 + number);
        talk({kAttacker, client}, {kVictim, 22}, 2'000, 20s);  // it lasted
    }
    EXPECT_TRUE(signs_.empty());
}

TEST_F(BehaviourTest, far_more_places_than_usual_is_told_with_what_is_usual) {
    for (int window = 0; window < 40; ++window) {
        for (std::uint16_t number = 0; number < 3; ++number) {
            talk(
                {kAttacker, static_cast<std::uint16_t>(40'000 + number)}, {100U + number, 443},
                20'000, 5ms
            );
        }
        pass(std::chrono::seconds(kWindowS));
    }
    EXPECT_TRUE(signs_.empty());
    for (std::uint16_t number = 0; number < 30; ++number) {
        talk(
            {kAttacker, static_cast<std::uint16_t>(41'000 + number)}, {200U + number, 443}, 20'000,
            5ms
        );
    }
    ASSERT_FALSE(signs_.empty());
    EXPECT_EQ(signs_[0].kind, SignKind::kFanOut);
    EXPECT_NEAR(signs_[0].normal, 3, 0.5);
    EXPECT_NE(explain(signs_[0]).find("normal 3"), std::string::npos) << explain(signs_[0]);
}

TEST_F(BehaviourTest, before_it_knows_what_is_usual_it_does_not_say_that_something_is_not) {
    for (std::uint16_t number = 0; number < 200; ++number) {
        talk(
            {kAttacker, static_cast<std::uint16_t>(41'000 + number)}, {200U + number, 443}, 20'000,
            5ms
        );
    }
    EXPECT_TRUE(signs_.empty());
}

TEST_F(BehaviourTest, holds_no_more_than_it_may) {
    for (unsigned number = 0; number < 60'000; ++number) {
        see(tcp_packet({number, 1}, {kVictim, static_cast<std::uint16_t>(number)}, kSyn));
    }
    EXPECT_EQ(behaviour_.source_count(), kSourcesMax);
    EXPECT_EQ(behaviour_.connection_count(), kConnectionsMax);
}

TEST_F(BehaviourTest, what_is_cut_off_says_nothing) {
    const Packet whole = tcp_packet({1, 2}, {3, 4}, kSyn);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        behaviour_.packet(ByteView(whole).first(size), now_, [](const Sign&) { FAIL(); });
    }
    EXPECT_EQ(behaviour_.source_count(), 0U);
}

TEST(DistinctTest, counts_about_right) {
    for (const unsigned different : {0U, 1U, 25U, 100U, 1'000U, 3'000U}) {
        Distinct distinct;
        SeededRandom random(different + 1);
        for (unsigned number = 0; number < different; ++number) {
            const std::uint64_t hash = random.next_u64();
            distinct.add(hash);
            distinct.add(hash);
        }
        EXPECT_NEAR(distinct.count(), different, 1 + 0.12 * different);
    }
}

}  // namespace
}  // namespace phantom::behaviour::test
