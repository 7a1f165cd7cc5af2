#include "behaviour/anomaly.h"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "behaviour/behaviour.h"
#include "behaviour/behaviour_fixture.h"

namespace phantom::behaviour::test {
namespace {

using namespace std::chrono_literals;

constexpr double kMiB = 1U << 20U;

wire::Address address_of(unsigned number) {
    const std::array<std::uint8_t, 4> bytes{
        100, 64, static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number)
    };
    return wire::Address::v4(bytes.data());
}

class AnomalyTest : public testing::Test {
  protected:
    Anomaly::Sink sink() {
        return [this](const Sign& sign) { signs_.push_back(sign); };
    }
    void pass(Duration time) { now_ = now_ + time; }
    static policy::Flow flow(unsigned from, unsigned to, std::uint16_t port) {
        return {
            .source = address_of(from),
            .destination = address_of(to),
            .source_port = 40'000,
            .destination_port = port,
            .protocol = wire::kProtocolTcp,
        };
    }
    void move(unsigned from, unsigned to, double bytes) {
        anomaly_.moved(
            {.from = address_of(from), .to = address_of(to), .port = 443, .bytes = bytes}, now_,
            sink()
        );
    }
    void ask(unsigned from, const std::string& name) {
        std::vector<std::uint8_t> query{0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
        for (std::size_t at = 0; at < name.size();) {
            const std::size_t end = std::min(name.find('.', at), name.size());
            query.push_back(static_cast<std::uint8_t>(end - at));
            query.insert(
                query.end(), name.begin() + static_cast<std::ptrdiff_t>(at),
                name.begin() + static_cast<std::ptrdiff_t>(end)
            );
            at = end + 1;
        }
        query.insert(query.end(), {0, 0, 16, 0, 1});
        if (const auto question = read_dns_question(query)) {
            anomaly_.asked(flow(from, 53, 53), *question, now_, sink());
        }
    }
    // 1.5 MiB a minute and more, to two places, as it usually is.
    void usual_minutes(unsigned of, int count) {
        for (int minute = 0; minute < count; ++minute) {
            move(of, 20, 1.5 * kMiB + minute % 7 * 0.1 * kMiB);
            move(of, 21, 0.2 * kMiB);
            pass(60s);
        }
    }
    std::string words(unsigned count) {
        std::string text;
        for (unsigned index = 0; index < count; ++index) {
            constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz234567";
            text += kLetters[random_.below(kLetters.size())];
        }
        return text;
    }

    SeededRandom random_{1};
    Anomaly anomaly_{{random_.next_u64(), random_.next_u64()}};
    Instant now_{1'000'000'000'000'000};
    std::vector<Sign> signs_;
};

TEST_F(AnomalyTest, far_more_than_usual_is_told_with_what_is_usual) {
    usual_minutes(1, 40);
    EXPECT_TRUE(signs_.empty());
    for (int part = 0; part < 100; ++part) {
        move(1, 22, 2 * kMiB);
    }
    ASSERT_GE(signs_.size(), 2U);
    EXPECT_EQ(signs_[0].kind, SignKind::kVolume);
    EXPECT_NEAR(signs_[0].value / kMiB, 32, 2);
    EXPECT_NEAR(signs_[0].normal / kMiB, 2, 0.2);
    EXPECT_EQ(
        explain(signs_[0]),
        "100.64.0.1 sent 32 MiB in a minute, last to 100.64.0.22; normal 2.0 MiB"
    );
}

TEST_F(AnomalyTest, before_it_knows_what_is_usual_nothing_is_unusual) {
    usual_minutes(1, 10);
    for (int part = 0; part < 100; ++part) {
        move(1, 22, 20 * kMiB);
    }
    EXPECT_TRUE(signs_.empty());
}

TEST_F(AnomalyTest, who_always_sends_much_may) {
    for (int minute = 0; minute < 100; ++minute) {
        move(1, 20, (50 + minute % 9 * 20) * kMiB);
        move(20, 1, 40 * kMiB);
        pass(60s);
    }
    EXPECT_TRUE(signs_.empty());
}

TEST_F(AnomalyTest, much_to_one_place_of_which_nothing_comes_back_is_told) {
    usual_minutes(1, 400);  // forty windows of ten minutes
    for (int part = 0; part < 600; ++part) {
        move(1, 30, kMiB);
        move(30, 1, 1'000);
        pass(500ms);
    }
    std::vector<Sign> out;
    for (const Sign& sign : signs_) {
        if (sign.kind == SignKind::kExfiltration) {
            out.push_back(sign);
        }
    }
    ASSERT_FALSE(out.empty());
    EXPECT_EQ(out[0].object, address_of(30));
    EXPECT_GE(out[0].value, kExfiltrationBytesMin);
    EXPECT_LT(out[0].failed, kMiB);
    EXPECT_NE(explain(out[0]).find("MiB to 100.64.0.30 in 10 minutes"), std::string::npos)
        << explain(out[0]);
}

TEST_F(AnomalyTest, an_exchange_is_no_exfiltration) {
    usual_minutes(1, 400);
    for (int part = 0; part < 600; ++part) {
        move(30, 1, 0.5 * kMiB);
        move(1, 30, kMiB);
        pass(500ms);
    }
    for (const Sign& sign : signs_) {
        EXPECT_NE(sign.kind, SignKind::kExfiltration) << explain(sign);
    }
}

TEST_F(AnomalyTest, a_new_rhythm_is_told_and_an_old_one_is_not) {
    for (int minute = 0; minute < 60; ++minute) {
        anomaly_.called(flow(1, 20, 443), now_, sink());  // since it is known: a health check
        pass(60s);
    }
    EXPECT_TRUE(signs_.empty());
    for (int call = 0; call < 30; ++call) {
        anomaly_.called(flow(1, 66, 443), now_, sink());
        pass(30s + std::chrono::milliseconds(random_.below(2'000)));
    }
    ASSERT_EQ(signs_.size(), 2U) << "at 12 and 24 calls";
    EXPECT_EQ(signs_[0].kind, SignKind::kBeacon);
    EXPECT_NEAR(signs_[0].value, 31, 1);
    EXPECT_NE(
        explain(signs_[0]).find("100.64.0.1 calls port 443 of 100.64.0.66 every 3"),
        std::string::npos
    ) << explain(signs_[0]);
}

TEST_F(AnomalyTest, a_person_has_no_rhythm) {
    for (int minute = 0; minute < 60; ++minute) {
        anomaly_.called(flow(1, 20, 443), now_, sink());
        pass(60s);
    }
    for (int call = 0; call < 200; ++call) {
        anomaly_.called(flow(1, 66, 443), now_, sink());
        pass(std::chrono::milliseconds(5'000 + random_.below(90'000)));
    }
    for (int call = 0; call < 200; ++call) {
        anomaly_.called(flow(1, 67, 443), now_, sink());
        pass(1s);  // too often for a beacon: a program at work
    }
    EXPECT_TRUE(signs_.empty());
}

TEST_F(AnomalyTest, names_that_carry_data_are_a_tunnel) {
    for (int query = 0; query < 120; ++query) {
        ask(1, words(50) + "." + words(10) + ".t.example");
        pass(200ms);
    }
    ASSERT_FALSE(signs_.empty());
    EXPECT_EQ(signs_[0].kind, SignKind::kDnsTunnel);
    EXPECT_NEAR(signs_[0].value, kTunnelNames, 5);
    EXPECT_GT(signs_[0].normal, kTunnelEntropy);
    EXPECT_NE(
        explain(signs_[0]).find("names below one domain in a minute, 60 characters"),
        std::string::npos
    ) << explain(signs_[0]);
}

TEST_F(AnomalyTest, many_names_of_one_site_are_none) {
    for (int query = 0; query < 500; ++query) {
        ask(1, "img" + std::to_string(query) + ".cdn.example");
        ask(1, "a-rather-long-name-of-a-server-in-europe." + words(2) + ".example");
        pass(100ms);
    }
    EXPECT_TRUE(signs_.empty()) << explain(signs_[0]);
}

TEST_F(AnomalyTest, a_slow_scan_is_seen_within_the_hour) {
    now_ = {now_.ns / (kHourS * 1'000'000'000) * kHourS * 1'000'000'000};
    for (std::uint16_t port = 1; port <= 100; ++port) {
        anomaly_.failed(flow(1, 9, port), now_, sink());
        pass(30s);
    }
    ASSERT_EQ(signs_.size(), 1U);
    EXPECT_EQ(signs_[0].kind, SignKind::kSlowScan);
    EXPECT_NEAR(signs_[0].value, kSlowScanTargets, 6);
}

TEST_F(AnomalyTest, one_dead_server_is_no_scan) {
    for (int attempt = 0; attempt < 5'000; ++attempt) {
        anomaly_.failed(flow(1, 9, 5'432), now_, sink());
        pass(10s);
    }
    EXPECT_TRUE(signs_.empty()) << explain(signs_[0]);
}

TEST_F(AnomalyTest, more_failures_than_usual_are_told) {
    for (int minute = 0; minute < 60; ++minute) {
        for (int attempt = 0; attempt < 1 + minute % 3; ++attempt) {
            anomaly_.failed(flow(1, 9, 80), now_, sink());
        }
        pass(60s);
    }
    EXPECT_TRUE(signs_.empty());
    for (int attempt = 0; attempt < 40; ++attempt) {
        anomaly_.failed(flow(1, 9, 80), now_, sink());
    }
    ASSERT_EQ(signs_.size(), 2U);
    EXPECT_EQ(signs_[0].kind, SignKind::kFailures);
    EXPECT_NEAR(signs_[0].normal, 2, 0.5);
}

TEST_F(AnomalyTest, holds_no_more_than_it_may) {
    for (unsigned number = 0; number < 30'000; ++number) {
        anomaly_.called(flow(number, number + 1, 443), now_, sink());
        move(number, number + 7, 10);
        ask(number, "a.b.c" + std::to_string(number) + ".example");
    }
    EXPECT_EQ(anomaly_.source_count(), kAnomalySourcesMax);
    EXPECT_EQ(anomaly_.rhythm_count(), kRhythmsMax);
}

// A whole connection of which the tap has left out the middle: its end says how much it was.
TEST(BehaviourVolumeTest, what_was_not_copied_counts_all_the_same) {
    SeededRandom random(1);
    Behaviour behaviour(random);
    Instant now{1'000'000'000'000'000};
    std::vector<Sign> signs;
    const auto see = [&](Packet packet, std::uint32_t sequence, std::uint32_t acknowledgement) {
        store_be(&packet[24], sequence);
        store_be(&packet[28], acknowledgement);
        behaviour.packet(packet, now, [&](const Sign& sign) { signs.push_back(sign); });
    };
    const auto transfer = [&](std::uint16_t port, std::uint32_t bytes) {
        const End client{1, port};
        const End server{2, 443};
        see(tcp_packet(client, server, kSyn), 999, 0);
        see(tcp_packet(server, client, kSyn | kAck), 4'999, 1'000);
        see(tcp_packet(client, server, kAck, 1'000), 1'000, 5'000);
        now = now + 2s;
        see(tcp_packet(client, server, kFin | kAck), 1'000 + bytes, 5'000);
        now = now + 58s;
    };
    for (std::uint16_t minute = 0; minute < 40; ++minute) {
        transfer(static_cast<std::uint16_t>(10'000 + minute), 1U << 20U);
    }
    EXPECT_TRUE(signs.empty());
    transfer(20'000, 500U << 20U);
    ASSERT_EQ(signs.size(), 1U);
    EXPECT_EQ(signs[0].kind, SignKind::kVolume);
    EXPECT_NEAR(signs[0].value / kMiB, 500, 0.1);
    EXPECT_NEAR(signs[0].normal / kMiB, 1, 0.1);
}

TEST(QuantileTest, is_about_right_for_what_it_is_for) {
    for (const double part : {0.5, 0.9, 0.99}) {
        SeededRandom random(7);
        Quantile quantile(part);
        std::vector<double> all;
        for (int number = 0; number < 20'000; ++number) {
            const double value = -std::log(1 - static_cast<double>(random.below(1'000'000)) / 1e6);
            quantile.add(value);
            all.push_back(value);
        }
        std::ranges::sort(all);
        const double exact = all[static_cast<std::size_t>(part * 20'000)];
        EXPECT_NEAR(quantile.value(), exact, 0.05 * exact) << part;
    }
}

// The example of the paper, table I: twenty observations, the median of which is estimated at 4.44.
TEST(QuantileTest, follows_the_example_of_its_authors) {
    Quantile median(0.5);
    for (const double value : {0.02,  0.15,  0.74, 3.39, 0.83, 22.37, 10.15, 15.43, 38.62, 15.92,
                               34.60, 10.28, 1.47, 0.40, 0.05, 11.39, 0.27,  0.42,  0.09,  11.37}) {
        median.add(value);
    }
    EXPECT_NEAR(median.value(), 4.44, 0.01);
}

TEST(HyperLogLogTest, counts_about_right_at_every_size) {
    for (const unsigned different : {0U, 1U, 60U, 500U, 5'000U, 200'000U}) {
        HyperLogLog log;
        SeededRandom random(different + 3);
        for (unsigned number = 0; number < different; ++number) {
            const std::uint64_t hash = random.next_u64();
            log.add(hash);
            log.add(hash);
        }
        EXPECT_NEAR(log.count(), different, 0.5 + 0.15 * different);
    }
}

TEST(DnsQuestionTest, only_a_query_has_one) {
    EXPECT_DOUBLE_EQ(entropy_of(""), 0);
    EXPECT_DOUBLE_EQ(entropy_of("aaaa"), 0);
    EXPECT_DOUBLE_EQ(entropy_of("abcd"), 2);
    std::vector<std::uint8_t> query{0, 1,   1, 0,   0, 1,   0, 0, 0, 0, 0, 0,
                                    1, 'X', 1, 'b', 1, 'C', 0, 0, 1, 0, 1};
    const auto question = read_dns_question(query);
    ASSERT_TRUE(question.has_value());
    EXPECT_EQ(question->domain, "b.c");
    EXPECT_EQ(question->below, "x");
    for (std::size_t size = 0; size < 19; ++size) {
        EXPECT_FALSE(read_dns_question(ByteView(query).first(size)).has_value()) << size;
    }
    query[2] = 0x81;
    EXPECT_FALSE(read_dns_question(query).has_value());
}

}  // namespace
}  // namespace phantom::behaviour::test
