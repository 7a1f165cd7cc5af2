#include "remedy/ledger.h"

#include <gtest/gtest.h>

#include "remedy/remedy_fixture.h"

namespace phantom::remedy {
namespace {

Record intent(std::uint64_t number, std::string_view address, Duration lasting) {
    return {
        .kind = RecordKind::kIntent,
        .at = kEpoch,
        .action = {number},
        .target = against(address),
        .until = after(kEpoch, lasting),
    };
}
Record about(std::uint64_t number, RecordKind kind) {
    return {.kind = kind, .at = kEpoch, .action = {number}};
}

// After which kinds, in this order, which may follow.
TEST(Ledger, takes_nothing_that_cannot_follow) {
    using enum RecordKind;
    struct Case {
        std::vector<RecordKind> before;
        std::vector<RecordKind> may_follow;
    };
    const std::vector<Case> cases{
        {{}, {kDone, kRevert, kReverted, kStuck}}, {{kDone}, {kRenewed, kRevert, kReverted}},
        {{kRevert}, {kReverted, kStuck}},          {{kDone, kRevert}, {kReverted, kStuck}},
        {{kRevert, kStuck}, {kReverted, kStuck}},  {{kRevert, kReverted}, {}},
    };
    for (const Case& each : cases) {
        for (const RecordKind kind : {kIntent, kDone, kRenewed, kRevert, kReverted, kStuck}) {
            Ledger ledger;
            ASSERT_TRUE(ledger.take(intent(1, "192.0.2.7", 1h)));
            for (const RecordKind before : each.before) {
                ASSERT_TRUE(ledger.take(about(1, before)));
            }
            const bool may = std::ranges::find(each.may_follow, kind) != each.may_follow.end();
            EXPECT_EQ(ledger.take(about(1, kind)).has_value(), may)
                << each.before.size() << ", then " << static_cast<int>(kind);
        }
    }
}

TEST(Ledger, wants_what_lasts_longest) {
    Ledger ledger;
    ASSERT_TRUE(ledger.take(intent(1, "192.0.2.7", 1h)));
    ASSERT_TRUE(ledger.take(intent(2, "192.0.2.7", 2h)));
    ASSERT_TRUE(ledger.take(intent(3, "192.0.2.8", 3h)));
    const Target target = against("192.0.2.7");
    EXPECT_EQ(ledger.wanted(target, kEpoch), (Condition{true, after(kEpoch, 2h)}));
    ASSERT_TRUE(ledger.take(about(2, RecordKind::kRevert)));
    EXPECT_EQ(ledger.wanted(target, kEpoch), (Condition{true, after(kEpoch, 1h)}));
    EXPECT_EQ(ledger.wanted(target, after(kEpoch, 1h)), Condition{}) << "it is over";
    EXPECT_EQ(ledger.targets().size(), 2U);
}

TEST(Ledger, as_many_as_there_may_be) {
    Ledger ledger;
    for (std::uint64_t number = 1; number <= kActionsMax; ++number) {
        ASSERT_TRUE(ledger.take(intent(number, "192.0.2.7", 1h)));
    }
    EXPECT_FALSE(ledger.take(intent(kActionsMax + 1, "192.0.2.7", 1h)));
    EXPECT_EQ(ledger.count(Executor::kFirewall), kActionsMax);
}

TEST(Ledger, the_shortest_way_leads_to_the_same) {
    Ledger ledger;
    Record first = intent(1, "192.0.2.7", 1h);
    first.before = {true, after(kEpoch, 10min)};
    ASSERT_TRUE(ledger.take(first));
    ASSERT_TRUE(ledger.take(about(1, RecordKind::kDone)));
    ASSERT_TRUE(ledger.take(intent(2, "192.0.2.7", 2min)));
    ASSERT_TRUE(ledger.take(about(1, RecordKind::kReverted)));
    ASSERT_TRUE(ledger.take(intent(3, "192.0.2.8", 1h)));
    ASSERT_TRUE(ledger.take(about(3, RecordKind::kReverted)));
    Ledger again;
    for (const Record& record : ledger.as_records()) {
        ASSERT_TRUE(again.take(record));
    }
    EXPECT_EQ(again.next_id(), ActionId{4});
    EXPECT_EQ(again.actions().size(), 1U);
    const Target target = against("192.0.2.7");
    EXPECT_EQ(again.wanted(target, kEpoch), (Condition{true, after(kEpoch, 10min)}))
        << "what was there before the first is known still";
}

TEST(Ledger, a_step_that_is_none_changes_nothing) {
    using enum ActionState;
    Ledger ledger;
    ASSERT_TRUE(ledger.take(intent(1, "192.0.2.7", 1h)));
    for (const ActionState to :
         {kProposed, kApproved, kDenied, kJournaled, kVerified, kActive, kReverting, kReverted}) {
        EXPECT_TRUE(ledger.advance({1}, to).error().is(RemedyError::kBadTransition));
        EXPECT_EQ(ledger.find({1})->state, kJournaled);
    }
    ASSERT_TRUE(ledger.advance({1}, kApplied));
    ASSERT_TRUE(ledger.advance({1}, kVerified));
    EXPECT_FALSE(ledger.advance({1}, kApplied));
    ASSERT_TRUE(ledger.take(about(1, RecordKind::kDone)));
    EXPECT_FALSE(ledger.advance({1}, kVerified));
    EXPECT_FALSE(ledger.advance({2}, kApplied)) << "there is no such action";
}

TEST(Ledger, the_states_that_may_follow_are_these_and_no_others) {
    using enum ActionState;
    const std::map<ActionState, std::vector<ActionState>> allowed{
        {kProposed, {kApproved, kDenied}},
        {kApproved, {kJournaled, kDenied}},
        {kDenied, {}},
        {kJournaled, {kApplied, kCompensating}},
        {kApplied, {kVerified, kCompensating}},
        {kVerified, {kActive, kCompensating}},
        {kActive, {kActive, kReverting}},
        {kReverting, {kReverted, kStuck}},
        {kCompensating, {kReverted, kStuck}},
        {kReverted, {}},
        {kStuck, {kReverted, kStuck}},
    };
    for (const auto& [from, next] : allowed) {
        for (const auto& [to, unused] : allowed) {
            const bool may = std::ranges::find(next, to) != next.end();
            EXPECT_EQ(may_become(from, to), may) << name_of(from) << " to " << name_of(to);
        }
    }
}

TEST(Ledger, what_hangs_on_another_is_found_through_all_in_between) {
    Ledger ledger;
    const auto hung = [&](std::uint64_t number, std::vector<ActionId> on) {
        Record record = intent(number, "192.0.2.7", 1h);
        record.terms.depends_on = std::move(on);
        return ledger.take(record) && ledger.take(about(number, RecordKind::kDone));
    };
    ASSERT_TRUE(hung(1, {}));
    ASSERT_TRUE(hung(2, {{1}}));
    ASSERT_TRUE(hung(3, {}));
    ASSERT_TRUE(hung(4, {{2}, {3}}));
    EXPECT_FALSE(hung(5, {{5}})) << "nothing hangs on itself";
    EXPECT_FALSE(hung(5, {{9}})) << "or on what comes later";
    EXPECT_FALSE(hung(5, std::vector<ActionId>(kDependsMax + 1, {1})));
    EXPECT_EQ(ledger.dependents_of({1}), (std::vector<ActionId>{{4}, {2}}));
    EXPECT_EQ(ledger.dependents_of({3}), (std::vector<ActionId>{{4}}));
    EXPECT_TRUE(ledger.dependents_of({4}).empty());
    Record shorter = about(1, RecordKind::kRenewed);
    shorter.until = after(kEpoch, 1min);
    ASSERT_TRUE(ledger.take(shorter));
    EXPECT_EQ(ledger.find({4})->ends, after(kEpoch, 1min));
    EXPECT_EQ(ledger.find({3})->ends, after(kEpoch, 1h));
}

}  // namespace
}  // namespace phantom::remedy
