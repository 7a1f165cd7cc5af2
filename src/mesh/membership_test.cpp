#include "mesh/membership.h"

#include <gtest/gtest.h>

namespace phantom::mesh {
namespace {

using Rumour = Rumours::Rumour;

identity::NodeId somebody(std::uint8_t number) {
    identity::NodeId node;
    node.bytes.fill(number);
    return node;
}

constexpr identity::UnixTime kWall{1'800'000'000};
constexpr std::size_t kMembers = 10;

// One member that watches 2, 3, 4 and 5; what it sends is answered as the test says.
class MembershipTest : public testing::Test {
  protected:
    Membership membership_{somebody(1), kWall};
    std::vector<identity::NodeId> others_{somebody(2), somebody(3), somebody(4), somebody(5)};
    SeededRandom random_{1};
    Instant now_ = Instant{} + Duration(1s);
    Membership::Output out_;

    template <class Answer>
    void run_for(Duration by, Answer answers) {
        for (const Instant end = now_ + by; now_ < end; now_ = now_ + Duration(50ms)) {
            Membership::Output out;
            membership_.tick(
                {.watched = others_, .linked = others_, .member_count = kMembers}, now_, random_,
                out
            );
            for (const auto& each : out.sends) {
                const auto* probe = std::get_if<Probe>(&each.message);
                if (probe != nullptr && answers(each.to)) {
                    const bool reached = answers(probe->node);
                    membership_.receive(each.to, ProbeAnswer{probe->nonce, reached}, out_);
                }
                out_.sends.push_back(each);
            }
        }
    }
    void hear(const Rumour& rumour) { membership_.receive(rumour, now_, kWall, kMembers, out_); }
    [[nodiscard]] MemberState state(std::uint8_t number) const {
        return membership_.view(somebody(number)).state;
    }
    // The newest that was said of it.
    [[nodiscard]] std::optional<Rumour> said_of(std::uint8_t number) const {
        std::optional<Rumour> found;
        for (const auto& each : out_.sends) {
            if (const auto* rumours = std::get_if<Rumours>(&each.message)) {
                for (const Rumour& rumour : rumours->entries) {
                    found = rumour.node == somebody(number) ? rumour : found;
                }
            }
        }
        return found;
    }
};

bool everybody(const identity::NodeId& /*node*/) {
    return true;
}
bool all_but_two(const identity::NodeId& node) {
    return node != somebody(2);
}

TEST_F(MembershipTest, who_answers_lives) {
    run_for(60s, everybody);
    for (std::uint8_t number = 2; number <= 5; ++number) {
        EXPECT_EQ(state(number), MemberState::kAlive);
    }
    EXPECT_FALSE(said_of(2).has_value());
}

TEST_F(MembershipTest, silence_is_suspected_then_taken_for_death) {
    run_for(9s, all_but_two);
    EXPECT_EQ(state(2), MemberState::kSuspect);
    EXPECT_EQ(said_of(2)->state, MemberState::kSuspect);
    run_for(kSuspicionSpread * kSuspicionMin, all_but_two);
    EXPECT_EQ(state(2), MemberState::kDead);
    EXPECT_EQ(said_of(2)->state, MemberState::kDead);
    EXPECT_EQ(state(3), MemberState::kAlive);
}

TEST_F(MembershipTest, others_who_find_the_same_shorten_it) {
    hear({somebody(2), 7, MemberState::kSuspect, somebody(3)});
    hear({somebody(2), 7, MemberState::kSuspect, somebody(4)});
    hear({somebody(2), 7, MemberState::kSuspect, somebody(5)});
    hear({somebody(2), 7, MemberState::kSuspect, somebody(6)});
    run_for(kSuspicionMin - Duration(100ms), all_but_two);
    EXPECT_EQ(state(2), MemberState::kSuspect);
    run_for(200ms, all_but_two);
    EXPECT_EQ(state(2), MemberState::kDead);
}

TEST_F(MembershipTest, own_word_ends_a_suspicion_and_a_death) {
    hear({somebody(2), 7, MemberState::kSuspect, somebody(3)});
    hear({somebody(2), 7, MemberState::kAlive, somebody(2)});
    EXPECT_EQ(state(2), MemberState::kSuspect) << "that was before";
    hear({somebody(2), 8, MemberState::kAlive, somebody(2)});
    EXPECT_EQ(state(2), MemberState::kAlive);
    hear({somebody(2), 7, MemberState::kDead, somebody(3)});
    EXPECT_EQ(state(2), MemberState::kAlive) << "of an older life";
}

TEST_F(MembershipTest, death_by_hearsay_is_a_suspicion_first) {
    hear({somebody(2), 7, MemberState::kDead, somebody(3)});
    EXPECT_EQ(state(2), MemberState::kSuspect);
    EXPECT_EQ(out_.sends.back().to, somebody(2)) << "it is told";
    run_for(kSuspicionMin + Duration(100ms), all_but_two);
    EXPECT_EQ(state(2), MemberState::kDead);
}

TEST_F(MembershipTest, what_is_said_of_oneself_is_contradicted) {
    hear({somebody(1), kWall.s, MemberState::kSuspect, somebody(3)});
    EXPECT_EQ(membership_.health(), 1);
    run_for(1s, everybody);
    ASSERT_TRUE(said_of(1).has_value());
    EXPECT_EQ(said_of(1)->state, MemberState::kAlive);
    EXPECT_EQ(said_of(1)->incarnation, kWall.s + 1);
}

TEST_F(MembershipTest, incarnation_from_the_future_is_not_believed) {
    hear({somebody(2), UINT64_MAX, MemberState::kDead, somebody(3)});
    EXPECT_EQ(state(2), MemberState::kAlive);
    hear({somebody(1), UINT64_MAX, MemberState::kDead, somebody(3)});
    run_for(1s, everybody);
    EXPECT_FALSE(said_of(1).has_value());
}

TEST_F(MembershipTest, own_trouble_makes_slower_to_judge) {
    run_for(20s, [](const identity::NodeId& /*node*/) { return false; });
    EXPECT_GT(membership_.health(), 2);
    EXPECT_LE(membership_.health(), kHealthMax);
}

TEST_F(MembershipTest, dead_one_that_speaks_hears_what_is_said_of_it) {
    hear({somebody(2), 7, MemberState::kDead, somebody(3)});
    run_for(3s, all_but_two);
    ASSERT_EQ(state(2), MemberState::kDead);
    out_ = {};
    membership_.heard(somebody(2), now_, out_);
    ASSERT_EQ(out_.sends.size(), 1U);
    EXPECT_EQ(out_.sends[0].to, somebody(2));
    EXPECT_EQ(said_of(2)->incarnation, 7U);
}

TEST_F(MembershipTest, rumour_is_told_a_bounded_number_of_times) {
    hear({somebody(7), 7, MemberState::kSuspect, somebody(3)});
    out_ = {};
    run_for(1s, everybody);
    std::size_t told = 0;
    for (const auto& each : out_.sends) {
        told += std::holds_alternative<Rumours>(each.message) ? 1 : 0;
    }
    EXPECT_GE(told, std::size_t{kRumourRepeats});
    EXPECT_LE(told, kRumourRepeats + kRumourFanout);
}

TEST_F(MembershipTest, errand_answers_for_whom_it_reached) {
    membership_.receive(somebody(3), Probe{70, somebody(2)}, true, out_);
    ASSERT_EQ(out_.sends.size(), 2U);
    EXPECT_EQ(out_.sends[0].to, somebody(2));
    const std::uint64_t nonce = std::get<Probe>(out_.sends[0].message).nonce;
    membership_.receive(somebody(4), ProbeAnswer{nonce, true}, out_);
    EXPECT_EQ(out_.sends.size(), 2U) << "only its own answer counts";
    membership_.receive(somebody(2), ProbeAnswer{nonce, true}, out_);
    ASSERT_EQ(out_.sends.size(), 3U);
    EXPECT_EQ(out_.sends[2].to, somebody(3));
    EXPECT_EQ(std::get<ProbeAnswer>(out_.sends[2].message), (ProbeAnswer{70, true}));
}

}  // namespace
}  // namespace phantom::mesh
