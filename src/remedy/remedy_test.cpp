#include "remedy/remedy.h"

#include <gtest/gtest.h>

#include "remedy/remedy_fixture.h"

namespace phantom::remedy {
namespace {

// The daemon of a machine: started again after each power cut.
class RemedyTest : public testing::Test {
  protected:
    RemedyTest() { start(); }

    void start() {
        auto content = decode_journal(machine_.disk);
        ASSERT_TRUE(content) << content.error().message();
        machine_.disk.resize(content->whole_size);
        machine_.synced = machine_.disk.size();
        journal_ = std::make_unique<MachineJournal>(machine_, content->hash);
        remedy_ = std::make_unique<Remedy>(*journal_, executors_, guard_);
        const Status started = remedy_->start(content->records, now_);
        ASSERT_TRUE(started) << started.error().message();
    }
    Result<ActionId> block(std::string_view address, Duration duration) {
        return remedy_->act(request(address, duration), now_);
    }
    static Request request(std::string_view address, Duration duration) {
        return {
            .target = against(address),
            .terms = {.duration = duration},
            .confidence = 0.95,
            .reason = "a test",
        };
    }
    Condition found(std::string_view address) {
        return executor_.read(against(address), now_).value();
    }
    [[nodiscard]] Condition until(Duration from_now) const { return {true, after(now_, from_now)}; }

    Machine machine_{1};
    MachineExecutor executor_{machine_};
    Executors executors_ = doing_all(executor_);
    Guard guard_{{.prefixes = {wire::Prefix::parse("10.0.0.0/24").value()}}};
    WallTime now_ = kEpoch;
    std::unique_ptr<MachineJournal> journal_;
    std::unique_ptr<Remedy> remedy_;
};

TEST_F(RemedyTest, blocks_and_takes_it_back) {
    const auto id = block("192.0.2.7", 1h);
    ASSERT_TRUE(id);
    EXPECT_EQ(found("192.0.2.7"), until(1h));
    EXPECT_EQ(remedy_->ledger().find(*id)->state, ActionState::kActive);
    ASSERT_TRUE(remedy_->undo(*id, now_));
    EXPECT_TRUE(machine_.kernel.empty());
    EXPECT_EQ(remedy_->ledger().find(*id), nullptr);
}

TEST_F(RemedyTest, what_was_there_before_comes_back) {
    machine_.kernel[against("192.0.2.7")] = {true, {}};
    const auto id = block("192.0.2.7", 1h);
    ASSERT_TRUE(id);
    EXPECT_EQ(found("192.0.2.7"), (Condition{true, {}})) << "it outlasts ours";
    ASSERT_TRUE(remedy_->undo(*id, now_));
    EXPECT_EQ(found("192.0.2.7"), (Condition{true, {}}));
}

TEST_F(RemedyTest, what_was_there_for_a_shorter_time_comes_back_with_what_is_left) {
    machine_.kernel[against("192.0.2.7")] = until(60s);
    const WallTime before_until = after(now_, 60s);
    const auto id = block("192.0.2.7", 1h);
    now_ = after(now_, 20s);
    ASSERT_TRUE(remedy_->undo(*id, now_));
    EXPECT_EQ(found("192.0.2.7"), (Condition{true, before_until}));
    now_ = after(now_, 41s);
    EXPECT_EQ(found("192.0.2.7"), Condition{});
}

TEST_F(RemedyTest, two_actions_on_one_address_end_in_any_order) {
    const auto longer = block("192.0.2.7", 2h);
    const auto shorter = block("192.0.2.7", 1h);
    ASSERT_TRUE(longer && shorter);
    EXPECT_EQ(found("192.0.2.7"), until(2h));
    ASSERT_TRUE(remedy_->undo(*longer, now_));
    EXPECT_EQ(found("192.0.2.7"), until(1h));
    ASSERT_TRUE(remedy_->undo(*shorter, now_));
    EXPECT_EQ(found("192.0.2.7"), Condition{});
}

TEST_F(RemedyTest, ends_by_itself_and_is_forgotten) {
    const auto id = block("192.0.2.7", 10s);
    now_ = after(now_, 10s);
    const auto tick = remedy_->tick(now_);
    ASSERT_TRUE(tick);
    EXPECT_EQ(tick->ended, 1U);
    EXPECT_EQ(remedy_->ledger().find(*id), nullptr);
    EXPECT_FALSE(remedy_->undo(*id, now_));
}

TEST_F(RemedyTest, renewal_lasts_in_the_kernel_and_over_a_restart) {
    const auto id = block("192.0.2.7", 10s);
    ASSERT_TRUE(remedy_->renew(*id, 1h, now_));
    EXPECT_EQ(found("192.0.2.7"), until(1h));
    start();
    EXPECT_EQ(found("192.0.2.7"), until(1h));
}

TEST_F(RemedyTest, what_somebody_else_took_away_is_put_back) {
    ASSERT_TRUE(block("192.0.2.7", 1h));
    ASSERT_TRUE(block("2001:db8::7", 1h));
    machine_.kernel.clear();
    const auto tick = remedy_->tick(now_);
    ASSERT_TRUE(tick);
    EXPECT_EQ(tick->repaired, 2U);
    EXPECT_EQ(found("192.0.2.7"), until(1h));
    EXPECT_EQ(remedy_->tick(now_)->repaired, 0U);
}

TEST_F(RemedyTest, a_machine_that_was_off_puts_back_what_still_holds) {
    ASSERT_TRUE(block("192.0.2.7", 1h));
    ASSERT_TRUE(block("192.0.2.8", 60s));
    machine_.kernel.clear();  // it was switched off
    now_ = after(now_, 10min);
    start();
    EXPECT_EQ(found("192.0.2.7"), until(50min));
    EXPECT_EQ(found("192.0.2.8"), Condition{});
    EXPECT_EQ(remedy_->ledger().actions().size(), 1U);
}

TEST_F(RemedyTest, guarded_addresses_are_refused_and_nothing_is_written) {
    for (const std::string_view address :
         {"10.0.0.9", "127.0.0.1", "::1", "224.0.0.1", "fe80::1"}) {
        const auto refused = block(address, 1h);
        ASSERT_FALSE(refused) << address;
        EXPECT_TRUE(refused.error().is(RemedyError::kGuarded)) << address;
    }
    EXPECT_TRUE(machine_.disk.empty());
    EXPECT_TRUE(machine_.kernel.empty());
}

TEST_F(RemedyTest, a_kernel_that_does_not_do_it_leaves_nothing_behind) {
    machine_.failing_percent = 100;
    EXPECT_FALSE(block("192.0.2.7", 1h));
    machine_.failing_percent = 0;
    start();
    EXPECT_TRUE(machine_.kernel.empty());
    EXPECT_TRUE(remedy_->ledger().actions().empty());
}

TEST_F(RemedyTest, unknown_actions_are_said_to_be) {
    EXPECT_TRUE(remedy_->undo({7}, now_).error().is(RemedyError::kUnknownAction));
    EXPECT_TRUE(remedy_->renew({7}, 1h, now_).error().is(RemedyError::kUnknownAction));
}

TEST_F(RemedyTest, numbers_are_not_given_twice) {
    const auto first = block("192.0.2.7", 1h);
    ASSERT_TRUE(remedy_->undo(*first, now_));
    machine_.disk.clear();
    RecordHash hash{};
    for (const Record& record : remedy_->ledger().as_records()) {
        const auto framed = encode_record(record, hash);
        machine_.disk.insert(machine_.disk.end(), framed.begin(), framed.end());
    }
    start();
    const auto second = block("192.0.2.7", 1h);
    EXPECT_GT(*second, *first);
}

// ---- States, proposals, dependencies ------------------------------------------------------------

TEST_F(RemedyTest, one_action_may_hang_on_another_and_ends_before_it) {
    const auto first = block("192.0.2.7", 1h);
    ASSERT_TRUE(first);
    Request hangs = request("192.0.2.8", 2h);
    hangs.terms.depends_on = {*first};
    const auto second = remedy_->act(hangs, now_);
    ASSERT_TRUE(second);
    EXPECT_EQ(found("192.0.2.8"), until(1h)) << "it ends with what it hangs on";
    const Status refused = remedy_->undo(*first, now_);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(RemedyError::kHasDependents));
    EXPECT_EQ(machine_.kernel.size(), 2U) << "nothing was changed";
    ASSERT_TRUE(remedy_->renew(*first, 3h, now_));
    EXPECT_EQ(found("192.0.2.8"), until(2h)) << "renewed, what hangs on it has its own time";
    start();
    ASSERT_TRUE(remedy_->undo(*first, now_, Remedy::Cascade::kYes));
    EXPECT_TRUE(machine_.kernel.empty());
    EXPECT_TRUE(remedy_->ledger().actions().empty());
}

TEST_F(RemedyTest, what_is_not_active_cannot_be_hung_on) {
    Request hangs = request("192.0.2.8", 2h);
    hangs.terms.depends_on = {{7}};
    EXPECT_TRUE(remedy_->act(hangs, now_).error().is(RemedyError::kBadDependency));
    const auto proposal = remedy_->propose(request("192.0.2.7", 1h), now_);
    ASSERT_TRUE(proposal);
    hangs.terms.depends_on = {*proposal};
    EXPECT_TRUE(remedy_->act(hangs, now_).error().is(RemedyError::kBadDependency));
}

TEST_F(RemedyTest, a_proposal_waits_over_a_restart_and_is_done_when_approved) {
    Request unsure = request("192.0.2.7", 1h);
    unsure.confidence = 0.1;
    EXPECT_FALSE(remedy_->act(unsure, now_));
    const auto id = remedy_->propose(unsure, now_);
    ASSERT_TRUE(id);
    EXPECT_TRUE(machine_.kernel.empty());
    EXPECT_TRUE(remedy_->undo(*id, now_).error().is(RemedyError::kUnknownAction));
    now_ = after(now_, 30min);
    start();
    ASSERT_TRUE(remedy_->approve(*id, now_));
    EXPECT_EQ(found("192.0.2.7"), until(1h)) << "from the approval on";
    EXPECT_TRUE(remedy_->approve(*id, now_).error().is(RemedyError::kNotProposed));
    start();
    EXPECT_EQ(remedy_->ledger().find(*id)->state, ActionState::kActive);
}

TEST_F(RemedyTest, a_proposal_that_is_denied_or_not_answered_is_gone) {
    const auto denied = remedy_->propose(request("192.0.2.7", 1h), now_);
    const auto late = remedy_->propose(request("192.0.2.8", 1h), now_);
    ASSERT_TRUE(denied && late);
    ASSERT_TRUE(remedy_->deny(*denied, now_));
    EXPECT_FALSE(remedy_->deny(*denied, now_));
    now_ = after(now_, kProposalLifetime);
    EXPECT_TRUE(remedy_->approve(*late, now_).error().is(RemedyError::kNotProposed));
    ASSERT_TRUE(remedy_->tick(now_));
    EXPECT_TRUE(remedy_->ledger().actions().empty());
    EXPECT_TRUE(machine_.kernel.empty());
    EXPECT_TRUE(remedy_->propose(request("10.0.0.9", 1h), now_).error().is(RemedyError::kGuarded))
        << "what nobody can approve cannot be proposed";
    for (std::size_t count = 0; count < kProposalsMax; ++count) {
        ASSERT_TRUE(remedy_->propose(request("192.0.2.7", 1h), now_));
    }
    EXPECT_TRUE(
        remedy_->propose(request("192.0.2.7", 1h), now_).error().is(RemedyError::kProposalsFull)
    );
}

TEST_F(RemedyTest, a_proposal_whose_ground_is_gone_is_denied) {
    const auto ground = block("192.0.2.7", 1h);
    Request hangs = request("192.0.2.8", 1h);
    hangs.terms.depends_on = {*ground};
    const auto proposal = remedy_->propose(hangs, now_);
    ASSERT_TRUE(proposal);
    ASSERT_TRUE(remedy_->undo(*ground, now_));
    EXPECT_TRUE(remedy_->approve(*proposal, now_).error().is(RemedyError::kBadDependency));
    ASSERT_TRUE(remedy_->tick(now_));
    EXPECT_EQ(remedy_->ledger().find(*proposal), nullptr);
}

TEST_F(RemedyTest, what_nobody_confirms_is_taken_back) {
    Request careful = request("192.0.2.7", 1h);
    careful.terms.confirm_within = 60s;
    const auto forgotten = remedy_->act(careful, now_);
    careful.target = against("192.0.2.8");
    const auto confirmed = remedy_->act(careful, now_);
    ASSERT_TRUE(forgotten && confirmed);
    EXPECT_EQ(found("192.0.2.7"), until(60s)) << "the kernel itself ends it";
    now_ = after(now_, 30s);
    ASSERT_TRUE(remedy_->confirm(*confirmed, now_));
    EXPECT_EQ(found("192.0.2.8"), until(59min + 30s));
    now_ = after(now_, 30s);
    start();
    EXPECT_EQ(found("192.0.2.7"), Condition{});
    EXPECT_TRUE(remedy_->confirm(*forgotten, now_).error().is(RemedyError::kUnknownAction));
    EXPECT_EQ(found("192.0.2.8"), until(59min));
}

TEST_F(RemedyTest, what_renews_itself_does_so_at_half_of_its_time_and_only_while_it_is_run) {
    Request kept = request("192.0.2.7", 10min);
    kept.terms.renews = true;
    ASSERT_TRUE(remedy_->act(kept, now_));
    now_ = after(now_, 4min);
    ASSERT_TRUE(remedy_->tick(now_));
    EXPECT_EQ(found("192.0.2.7"), until(6min));
    now_ = after(now_, 1min);
    ASSERT_TRUE(remedy_->tick(now_));
    EXPECT_EQ(found("192.0.2.7"), until(10min));
    now_ = after(now_, 10min);
    start();
    EXPECT_TRUE(machine_.kernel.empty()) << "nobody was there to renew it";
}

TEST_F(RemedyTest, each_kind_of_action_is_done_and_undone) {
    for (const Target& target : all_kinds()) {
        const Request asked{.target = target, .terms = {.duration = 1h}, .is_approved = true};
        const auto id = remedy_->act(asked, now_);
        ASSERT_TRUE(id) << name_of(target.executor) << ": " << id.error().message();
        EXPECT_EQ(machine_.kernel.at(target), until(1h));
        start();
        EXPECT_EQ(machine_.kernel.at(target), until(1h)) << "after a restart, too";
        ASSERT_TRUE(remedy_->undo(*id, now_));
        EXPECT_TRUE(machine_.kernel.empty());
    }
}

TEST_F(RemedyTest, what_no_executor_does_is_said_to_be) {
    executors_ = {};
    EXPECT_TRUE(block("192.0.2.7", 1h).error().is(RemedyError::kNoExecutor));
    EXPECT_TRUE(machine_.disk.empty());
}

// An executor that cannot be asked keeps nobody else from being looked after.
class DeafExecutor final : public ExecutorInterface {
  public:
    Result<Condition> read(const Target& /*target*/, WallTime /*now*/) override {
        return fail(RemedyError::kRouteRefused);
    }
    Status write(const Target& /*target*/, const Condition& /*condition*/, WallTime /*now*/)
        override {
        return fail(RemedyError::kRouteRefused);
    }
    Result<Conditions> read_all(WallTime /*now*/) override {
        return fail(RemedyError::kRouteRefused);
    }
};

TEST_F(RemedyTest, an_executor_that_fails_does_not_stop_the_others) {
    DeafExecutor deaf;
    executors_ = {};
    executors_.add(Executor::kRoute, KeyKind::kPrefix, deaf);
    executors_.add(Executor::kFirewall, KeyKind::kAddress, executor_);
    ASSERT_TRUE(block("192.0.2.7", 1h));
    machine_.kernel.clear();
    EXPECT_TRUE(remedy_->tick(now_).error().is(RemedyError::kRouteRefused));
    EXPECT_EQ(found("192.0.2.7"), until(1h));
}

// ---- Power cuts ---------------------------------------------------------------------------------

// At every boundary of blocking and of taking it back: it is as before, or as after.
TEST_F(RemedyTest, a_power_cut_anywhere_leaves_the_state_before_or_after) {
    std::size_t boundaries = 0;
    for (std::size_t at = 1;; ++at) {
        Machine machine(at);
        MachineExecutor executor(machine);
        const Executors executors = doing_all(executor);
        machine.kernel[against("192.0.2.7")] = {true, after(kEpoch, 30s)};
        const Conditions before = machine.kernel;
        Conditions blocked = before;
        blocked[against("192.0.2.7")] = {true, after(kEpoch, 1h)};
        bool acted = false;
        bool undone = false;
        machine.stop_at(at);
        try {
            MachineJournal journal(machine, {});
            Remedy remedy(journal, executors, guard_);
            const auto id = remedy.act(request("192.0.2.7", 1h), kEpoch);
            acted = id.has_value();
            undone = remedy.undo(id.value(), kEpoch).has_value();
        } catch (const PowerCut&) {
            machine.lose_power();
        }
        machine.stop_at(0);
        const auto content = decode_journal(machine.disk);
        ASSERT_TRUE(content);
        MachineJournal journal(machine, content->hash);
        Remedy remedy(journal, executors, guard_);
        ASSERT_TRUE(remedy.start(content->records, kEpoch)) << "at boundary " << at;
        if (undone) {
            boundaries = at - 1;
            EXPECT_EQ(machine.kernel, before);
            break;
        }
        EXPECT_TRUE(machine.kernel == before || machine.kernel == blocked) << "at boundary " << at;
        EXPECT_TRUE(remedy.ledger().actions().empty() || acted || machine.kernel == blocked)
            << "at boundary " << at;
    }
    EXPECT_GE(boundaries, 12U) << "the journal and the kernel, before and after, both ways";
}

}  // namespace
}  // namespace phantom::remedy
