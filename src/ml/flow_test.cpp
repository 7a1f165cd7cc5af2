#include <cmath>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ml/flow_fixture.h"
#include "ml/flow_json.h"
#include "ml/flow_table.h"

namespace phantom::ml::test {
namespace {

constexpr End kClient{.host = 1, .port = 40'000};
constexpr End kServer{.host = 2, .port = 443};

class FlowTableTest : public testing::Test {
  protected:
    struct Gone {
        Features features;
        FlowState state;
        FlowEnd end;
    };
    void see(const PacketFacts& packet) { (void)table_.add(packet, farewell_); }
    // One connection: handshake, request, answer, and both ends close.
    void whole_connection() {
        see(tcp(0, kClient, kServer, kFlagSyn, 0, 100));
        see(tcp(10'000, kServer, kClient, kFlagSyn | kFlagAck, 0, 900));
        see(tcp(15'000, kClient, kServer, kFlagAck, 0, 101));
        see(tcp(20'000, kClient, kServer, kFlagAck | kFlagPush, 100, 101));
        see(tcp(40'000, kServer, kClient, kFlagAck | kFlagPush, 1'400, 901));
        see(tcp(50'000, kServer, kClient, kFlagAck, 1'400, 901));  // once more
        see(tcp(60'000, kClient, kServer, kFlagFin | kFlagAck, 0, 201));
        see(tcp(100'000, kServer, kClient, kFlagFin | kFlagAck, 0, 2'301));
    }

    SeededRandom random_{1};
    FlowTable table_{random_};
    std::vector<Gone> gone_;
    FlowTable::Farewell farewell_ = [this](const FlowRecord& flow, FlowEnd end) {
        gone_.push_back({flow.features(), flow.state(), end});
    };
};

// Each number worked out by hand from the packets of whole_connection().
TEST_F(FlowTableTest, a_connection_has_the_features_that_its_packets_say) {
    whole_connection();
    table_.end_all(farewell_);
    ASSERT_EQ(gone_.size(), 1U);
    const Features& is = gone_[0].features;
    using enum Feature;
    EXPECT_EQ(is[kProtocol], 6);
    EXPECT_EQ(is[kPortForward], 40'000);
    EXPECT_EQ(is[kPortBackward], 443);
    EXPECT_EQ(is[kState], 5);
    EXPECT_EQ(gone_[0].end, FlowEnd::kClosed);
    EXPECT_DOUBLE_EQ(is[kDuration], 0.1);
    EXPECT_EQ(is[kPacketsForward], 4);
    EXPECT_EQ(is[kPacketsBackward], 4);
    EXPECT_EQ(is[kBytesForward], 4 * 40 + 100);
    EXPECT_EQ(is[kBytesBackward], 4 * 40 + 2'800);
    EXPECT_EQ(is[kPayloadForward], 100);
    EXPECT_EQ(is[kPayloadBackward], 2'800);
    EXPECT_DOUBLE_EQ(is[kPacketRate], 80);
    EXPECT_DOUBLE_EQ(is[kByteRate], 32'200);
    EXPECT_DOUBLE_EQ(is[kForwardShare], 260.0 / 3'220);
    EXPECT_DOUBLE_EQ(is[kSizeMeanForward], 65);
    // 40, 40, 140, 40 around 65: squares 625 * 3 + 5625 = 7500, by 4.
    EXPECT_DOUBLE_EQ(is[kSizeDeviationForward], std::sqrt(1'875.0));
    EXPECT_EQ(is[kSizeMinForward], 40);
    EXPECT_EQ(is[kSizeMaxForward], 140);
    EXPECT_DOUBLE_EQ(is[kSizeMeanBackward], 740);
    EXPECT_DOUBLE_EQ(is[kSizeDeviationBackward], 700);
    EXPECT_EQ(is[kSizeMaxBackward], 1'440);
    // Forward at 0, 15, 20, 60 ms: gaps 15, 5, 40. Backward at 10, 40, 50, 100: 30, 10, 50.
    EXPECT_DOUBLE_EQ(is[kGapMeanForward], 0.02);
    EXPECT_DOUBLE_EQ(is[kGapMaxForward], 0.04);
    EXPECT_NEAR(is[kGapDeviationForward], std::sqrt((25.0 + 225 + 400) / 3) / 1'000, 1e-12);
    EXPECT_DOUBLE_EQ(is[kGapMeanBackward], 0.03);
    EXPECT_DOUBLE_EQ(is[kGapMaxBackward], 0.05);
    EXPECT_EQ(is[kTtlForward], 64);
    EXPECT_EQ(is[kFlagsForward], kFlagSyn | kFlagAck | kFlagPush | kFlagFin);
    EXPECT_EQ(is[kSynCount], 2);
    EXPECT_EQ(is[kFinCount], 2);
    EXPECT_EQ(is[kResetCount], 0);
    EXPECT_EQ(is[kPushCount], 2);
    EXPECT_EQ(is[kWindowForward], 1'000);
    EXPECT_DOUBLE_EQ(is[kAnswerDelay], 0.01);
    EXPECT_DOUBLE_EQ(is[kHandshakeDelay], 0.005);
    EXPECT_EQ(is[kRepeatedForward], 0);
    EXPECT_EQ(is[kRepeatedBackward], 1);
    EXPECT_EQ(is[kFirstPayload], 100);
}

TEST_F(FlowTableTest, what_one_flow_has_in_common_with_those_before_is_counted) {
    see(tcp(0, {1, 1'001}, {2, 80}, kFlagSyn));
    see(tcp(1, {1, 1'002}, {2, 80}, kFlagSyn));
    see(tcp(2, {1, 1'003}, {2, 81}, kFlagSyn));
    see(tcp(3, {3, 1'003}, {2, 80}, kFlagSyn));
    see(tcp(4, {1, 1'004}, {2, 80}, kFlagSyn));
    table_.end_all(farewell_);
    const Features& is = gone_.back().features;
    using enum Feature;
    EXPECT_EQ(is[kRecentSource], 3);
    EXPECT_EQ(is[kRecentDestination], 4);
    EXPECT_EQ(is[kRecentService], 3);
    EXPECT_EQ(is[kRecentPair], 3);
    EXPECT_EQ(gone_.front().features[kRecentSource], 0);
}

TEST_F(FlowTableTest, only_the_newest_hundred_count) {
    for (std::uint16_t port = 0; port < 300; ++port) {
        see(tcp(port, {1, static_cast<std::uint16_t>(10'000 + port)}, {2, 80}, kFlagSyn));
    }
    see(tcp(300, {3, 5}, {4, 80}, kFlagSyn));
    see(tcp(301, {1, 9}, {2, 80}, kFlagSyn));
    table_.end_all(farewell_);
    EXPECT_EQ(gone_.back().features[Feature::kRecentPair], 99) << "one of them was another's";
}

TEST_F(FlowTableTest, states_are_told_apart) {
    see(tcp(0, {1, 1}, {2, 2'000}, kFlagSyn));
    see(tcp(0, {1, 2}, {2, 2'000}, kFlagSyn));
    see(tcp(1, {2, 2'000}, {1, 2}, kFlagReset | kFlagAck));
    see(tcp(2, {1, 3}, {2, 2'000}, kFlagAck, 10));
    see(udp(3, {1, 4}, {2, 53}, 30));
    see(tcp(4, {1, 5'000}, {2, 2'000}, kFlagSyn));
    see(tcp(5, {2, 2'000}, {1, 5'000}, kFlagSyn | kFlagAck));
    table_.end_all(farewell_);
    std::multiset<std::string_view> states;
    for (const Gone& each : gone_) {
        states.insert(name_of(each.state));
    }
    EXPECT_EQ(
        states,
        (std::multiset<std::string_view>{"asked", "reset", "midstream", "not-tcp", "answered"})
    );
}

TEST_F(FlowTableTest, an_answer_that_is_seen_first_does_not_turn_the_flow_round) {
    see(tcp(0, kServer, kClient, kFlagSyn | kFlagAck));
    see(udp(1, {2, 53}, {1, 41'000}, 100));
    table_.end_all(farewell_);
    EXPECT_EQ(gone_[0].features[Feature::kPortBackward], 443);
    EXPECT_EQ(gone_[1].features[Feature::kPortBackward], 53);
    EXPECT_EQ(gone_[1].features[Feature::kBytesForward], 0);
}

TEST_F(FlowTableTest, a_flow_ends_when_it_is_silent_closed_or_too_long) {
    see(udp(0, {1, 1'024}, {2, 53}, 10));
    see(udp(kFlowIdleUs, {3, 1'024}, {2, 53}, 10));
    EXPECT_TRUE(gone_.empty());
    see(udp(kFlowIdleUs + 1, {3, 1'024}, {2, 53}, 10));
    ASSERT_EQ(gone_.size(), 1U);
    EXPECT_EQ(gone_[0].end, FlowEnd::kIdle);
    for (std::int64_t time = kFlowIdleUs; time <= kFlowIdleUs + kFlowActiveUs + 30'000'000;
         time += 30'000'000) {
        see(udp(time, {3, 1'024}, {2, 53}, 10));
    }
    ASSERT_EQ(gone_.size(), 2U);
    EXPECT_EQ(gone_[1].end, FlowEnd::kActive);
    EXPECT_EQ(table_.size(), 1U);
}

TEST_F(FlowTableTest, a_port_used_again_is_another_flow) {
    whole_connection();
    see(tcp(100'001, kClient, kServer, kFlagAck, 0, 202));  // a straggler
    EXPECT_TRUE(gone_.empty());
    see(tcp(100'002, kClient, kServer, kFlagSyn, 0, 7'000));
    ASSERT_EQ(gone_.size(), 1U);
    EXPECT_EQ(gone_[0].features[Feature::kPacketsForward], 5);
    table_.end_all(farewell_);
    EXPECT_EQ(gone_[1].features[Feature::kPacketsForward], 1);
}

TEST_F(FlowTableTest, holds_no_more_than_it_may_and_says_what_it_let_go) {
    for (std::size_t number = 0; number < kFlowsMax + 100; ++number) {
        see(
            udp(1,
                {static_cast<std::uint8_t>(number / 60'000),
                 static_cast<std::uint16_t>(number % 60'000)},
                {9, 2'000}, 1)
        );
    }
    EXPECT_EQ(table_.size(), kFlowsMax);
    EXPECT_EQ(table_.evicted(), 100U);
    EXPECT_EQ(gone_.size(), 100U);
}

TEST_F(FlowTableTest, a_clock_that_goes_back_makes_nothing_negative) {
    see(udp(1'000'000, {1, 1'024}, {2, 53}, 10));
    see(udp(0, {2, 53}, {1, 1'024}, 10));
    see(udp(500'000, {1, 1'024}, {2, 53}, 10));
    table_.end_all(farewell_);
    for (const double value : gone_[0].features.values) {
        EXPECT_GE(value, 0);
        EXPECT_TRUE(std::isfinite(value));
    }
}

TEST(FeatureSchemaTest, each_has_a_name_of_its_own) {
    std::set<std::string_view> names;
    for (std::size_t index = 0; index < kFeatureCount; ++index) {
        const auto feature = static_cast<Feature>(index);
        EXPECT_TRUE(names.insert(info_of(feature).name).second) << info_of(feature).name;
        EXPECT_EQ(feature_called(info_of(feature).name), feature);
        EXPECT_FALSE(info_of(feature).meaning.empty());
    }
    EXPECT_EQ(feature_called("no such"), std::nullopt);
    // A change of the list is a new version: models would read the wrong columns.
    EXPECT_EQ(kFeatureSchemaVersion, 1U);
    EXPECT_EQ(kFeatureCount, 47U);
}

TEST_F(FlowTableTest, a_line_of_json_has_every_feature) {
    see(udp(5, {1, 1'024}, {2, 53}, 10));
    const FlowRecord& flow = table_.add(udp(10, {2, 53}, {1, 1'024}, 72), farewell_);
    const std::string line = flow_json(flow, FlowEnd::kIdle);
    EXPECT_TRUE(line.starts_with(
        R"({"schema":"phantom.flow/1","features_version":1,"begun_us":5,"source":"10.0.0.1",)"
        R"("destination":"10.0.0.2","state":"not-tcp","end":"idle","features":{"protocol":17,)"
        R"("port_forward":1024,"port_backward":53,"state":0,"duration":5e-06,"packets_forward":1,)"
    )) << line;
    EXPECT_TRUE(line.ends_with(R"("recent_pair":0}})"
                               "\n")
    ) << line;
}

TEST(PacketFactsTest, what_is_cut_off_has_none) {
    std::vector<std::uint8_t> packet(60);
    packet[0] = 0x45;
    packet[3] = 60;
    packet[8] = 33;
    packet[9] = 6;
    packet[21] = 80;
    packet[27] = 7;
    packet[32] = 0x60;  // a header of 24 bytes
    packet[33] = kFlagSyn;
    packet[35] = 9;
    const auto facts = facts_of(packet, 1);
    ASSERT_TRUE(facts.has_value());
    EXPECT_EQ(facts->source_port, 80);
    EXPECT_EQ(facts->sequence, 7U);
    EXPECT_EQ(facts->payload, 16U);
    EXPECT_EQ(facts->window, 9);
    EXPECT_EQ(facts->ttl, 33);
    for (std::size_t size = 0; size < packet.size(); ++size) {
        EXPECT_FALSE(facts_of(ByteView(packet).first(size), 1).has_value());
    }
    packet[32] = 0xf0;
    EXPECT_FALSE(facts_of(packet, 1).has_value()) << "its header is said to be longer than it";
    packet[32] = 0x60;
    packet[7] = 1;
    EXPECT_FALSE(facts_of(packet, 1).has_value()) << "a later fragment";
}

}  // namespace
}  // namespace phantom::ml::test
