// The ways to one member, alone: who answers is decided here. Whole meshes: ways_simulation_test.cpp.

#include "mesh/paths.h"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

#include "wire/relay_frame.h"

namespace phantom::mesh {
namespace {

wire::SocketAddress direct(std::uint8_t last) {
    const std::array<std::uint8_t, 4> bytes{192, 0, 2, last};
    return {wire::Address::v4(bytes.data()), 51820};
}

const wire::SocketAddress kFirst = direct(1);
const wire::SocketAddress kSecond = direct(2);
const wire::SocketAddress kRelay = wire::relay_endpoint({7, 0});

// Packets go out all the time; a probe is answered 1 ms later over the ways that live.
class PathsTest : public testing::Test {
  protected:
    PathsTest() {
        const std::array direct_ones{kFirst, kSecond};
        const std::array relays{kRelay};
        living_ = {kFirst, kSecond, kRelay};
        paths_.set_candidates(direct_ones, relays, now_);
        situation_.current = kFirst;
        run_for(5s);
    }
    void run_for(Duration by) {
        for (const Instant end = now_ + by; now_ < end; now_ = now_ + Duration(1ms)) {
            for (const Paths::Probe& each : std::exchange(asked_, {})) {
                if (std::ranges::find(living_, each.over) != living_.end()) {
                    paths_.answered(each.nonce, now_);
                    situation_.received =
                        each.over == situation_.current ? now_ : situation_.received;
                }
            }
            situation_.data_sent = now_;
            paths_.observe(situation_);
            if (paths_.deadline() <= now_) {
                Paths::Output out;
                paths_.tick(now_, random_, out);
                asked_ = out.probes;
                if (out.take) {
                    situation_.current = out.take->over;
                    taken_.push_back(out.take->over);
                    failovers_ += out.take->failover ? 1 : 0;
                }
            }
        }
    }

    SeededRandom random_{1};
    Instant now_ = Instant{} + Duration(1s);
    Paths paths_{true};
    Paths::Situation situation_;
    std::vector<wire::SocketAddress> living_;
    std::vector<Paths::Probe> asked_;
    std::vector<wire::SocketAddress> taken_;
    int failovers_ = 0;
};

TEST_F(PathsTest, stays_while_it_answers) {
    run_for(60s);
    EXPECT_EQ(situation_.current, kFirst);
}

TEST_F(PathsTest, another_direct_one_that_answers_is_taken_first) {
    living_ = {kSecond, kRelay};
    run_for(kSilenceMin + kActiveProbe + 5ms);
    EXPECT_EQ(situation_.current, kSecond);
}

TEST_F(PathsTest, ways_over_one_line_that_died_are_passed_over_at_once) {
    living_ = {kRelay};
    run_for(kSilenceMin + kActiveProbe + 5ms);
    EXPECT_EQ(situation_.current, kRelay);
    run_for(1s);
    EXPECT_EQ(taken_, std::vector{kRelay}) << "and the dead ones are not tried with packets";
}

TEST_F(PathsTest, two_lost_probes_do_not_end_a_way) {
    living_ = {kSecond, kRelay};
    run_for(2 * kActiveProbe - 1ms);
    living_.push_back(kFirst);
    run_for(1s);
    EXPECT_EQ(failovers_, 0);
}

TEST_F(PathsTest, comes_back_to_the_direct_way_after_the_hold) {
    living_ = {kRelay};
    run_for(1s);
    living_ = {kFirst, kRelay};
    run_for(kSearchMax);
    EXPECT_EQ(situation_.current, kFirst);
}

}  // namespace
}  // namespace phantom::mesh
