#include "pq/policy.h"

#include <gtest/gtest.h>

namespace phantom::pq {
namespace {

DataVerdict verdict(PqPolicy policy, PskKind session, bool seen) {
    return may_user_data_flow({policy, session, seen});
}

TEST(PqPolicy, a_post_quantum_session_carries_user_data_under_every_policy) {
    for (const auto policy : {PqPolicy::kOff, PqPolicy::kPrefer, PqPolicy::kRequire}) {
        for (const bool seen : {false, true}) {
            EXPECT_EQ(verdict(policy, PskKind::kPostQuantum, seen), DataVerdict::kAllow);
        }
    }
}

TEST(PqPolicy, off_asks_for_nothing) {
    EXPECT_EQ(verdict(PqPolicy::kOff, PskKind::kBootstrap, false), DataVerdict::kAllow);
    EXPECT_EQ(verdict(PqPolicy::kOff, PskKind::kBootstrap, true), DataVerdict::kAllow);
}

TEST(PqPolicy, prefer_lets_data_flow_until_the_peer_was_seen_to_be_able) {
    EXPECT_EQ(verdict(PqPolicy::kPrefer, PskKind::kBootstrap, false), DataVerdict::kAllow);
    EXPECT_EQ(verdict(PqPolicy::kPrefer, PskKind::kBootstrap, true), DataVerdict::kRefuseDowngrade);
}

TEST(PqPolicy, require_holds_data_back_from_the_start) {
    EXPECT_EQ(verdict(PqPolicy::kRequire, PskKind::kBootstrap, false), DataVerdict::kHold);
    EXPECT_EQ(
        verdict(PqPolicy::kRequire, PskKind::kBootstrap, true), DataVerdict::kRefuseDowngrade
    );
}

}  // namespace
}  // namespace phantom::pq
