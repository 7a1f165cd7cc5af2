// Many actions of all kinds, in any order, with power cuts and refusals: each run ends as a model says that
// knows no journal.

#include <gtest/gtest.h>

#include "remedy/remedy.h"
#include "remedy/remedy_fixture.h"

namespace phantom::remedy {
namespace {

// What the user was told holds, what hangs on what, and beside it what was there before.
class Model {
  public:
    explicit Model(Conditions before) : before_(std::move(before)) {}

    struct Held {
        Target target;
        WallTime until;
        std::vector<ActionId> depends_on = {};
    };
    std::map<ActionId, Held> held;

    [[nodiscard]] WallTime end_of(const Held& each) const {
        WallTime end = each.until;
        for (const ActionId& id : each.depends_on) {
            const auto other = held.find(id);
            end = std::min(end, other == held.end() ? WallTime{} : end_of(other->second));
        }
        return end;
    }
    void end_what_is_over(WallTime now) {
        std::vector<ActionId> over;
        for (const auto& [id, each] : held) {
            if (end_of(each) <= now) {
                over.push_back(id);
            }
        }
        for (const ActionId& id : over) {
            held.erase(id);
        }
    }
    [[nodiscard]] Condition wanted(const Target& target, WallTime now) const {
        Condition wanted;
        const auto longer = [&](const Condition& other) {
            if (!wanted.in_force || !other.until ||
                (wanted.until && *other.until > *wanted.until)) {
                wanted = other;
            }
        };
        if (const auto at = before_.find(target); at != before_.end()) {
            if (!at->second.until || *at->second.until > now) {
                longer(at->second);
            }
        }
        for (const auto& [id, each] : held) {
            if (each.target == target && end_of(each) > now) {
                longer({true, end_of(each)});
            }
        }
        return wanted;
    }

  private:
    Conditions before_;
};

class RandomRun {
  public:
    explicit RandomRun(std::uint64_t seed)
        : random_(seed), machine_(seed), executor_(machine_), model_(draw_before()) {
        start();
    }

    void run() {
        for (int step = 0; step < 12; ++step) {
            now_ = after(now_, 1s * random_.below(20));
            model_.end_what_is_over(now_);
            machine_.stop_at(random_.below(3) == 0 ? 1 + random_.below(16) : 0);
            machine_.failing_percent = random_.below(4) == 0 ? 20 : 0;
            try {
                one_step();
            } catch (const PowerCut&) {
                machine_.lose_power();
            }
            machine_.stop_at(0);
            machine_.failing_percent = 0;
            // A journal that failed takes nothing until it is opened again.
            if (random_.below(4) == 0 || journal_->is_broken() || machine_stopped_) {
                start();
            } else {
                ASSERT_TRUE(remedy_->tick(now_));
            }
            compare();
        }
        while (!model_.held.empty()) {
            const ActionId id = model_.held.rbegin()->first;
            (void)remedy_->undo(id, now_, Remedy::Cascade::kYes);
            model_.held.erase(id);
        }
        ASSERT_TRUE(remedy_->tick(now_));
        EXPECT_EQ(remedy_->ledger().actions().size(), remedy_->ledger().proposals());
        compare();
    }

  private:
    Target draw_target() {
        static const std::vector<Target> kTargets = all_kinds();
        return kTargets[random_.below(kTargets.size())];
    }
    Conditions draw_before() {
        while (random_.below(2) == 0) {
            const std::uint64_t lasting = random_.below(3);
            machine_.kernel[draw_target()] = {
                true, lasting == 0 ? std::nullopt : std::optional(after(now_, 30s * lasting))
            };
        }
        return machine_.kernel;
    }
    void start() {
        machine_stopped_ = false;
        auto content = decode_journal(machine_.disk);
        ASSERT_TRUE(content) << content.error().message();
        machine_.disk.resize(content->whole_size);
        machine_.synced = machine_.disk.size();
        journal_ = std::make_unique<MachineJournal>(machine_, content->hash);
        remedy_ = std::make_unique<Remedy>(*journal_, executors_, Guard());
        const Status started = remedy_->start(content->records, now_);
        ASSERT_TRUE(started) << started.error().message();
        take_over();
    }
    // What was cut off has come to the one end or the other.
    void take_over() {
        for (const auto& [id, action] : remedy_->ledger().actions()) {
            if ((id == began_ || id == renewed_) && !action.is_proposed()) {
                model_.held[id] = {action.target, action.until, action.terms.depends_on};
            }
        }
        for (const ActionId& id : undoing_) {
            if (remedy_->ledger().find(id) == nullptr) {
                model_.held.erase(id);
            }
        }
        began_ = renewed_ = std::nullopt;
        undoing_.clear();
    }

    void one_step() {
        machine_stopped_ = true;  // unless we get to the end
        std::vector<ActionId> ids;
        ids.reserve(model_.held.size());
        for (const auto& [id, each] : model_.held) {
            ids.push_back(id);
        }
        const std::uint64_t what = ids.empty() ? random_.below(4) : random_.below(7);
        if (what < 3) {
            act(ids);
        } else if (what == 3) {
            approve_one();
        } else if (what < 6) {
            undo(ids[random_.below(ids.size())]);
        } else {
            renewed_ = ids[random_.below(ids.size())];
            const Duration duration = 1s * (1 + random_.below(60));
            if (remedy_->renew(*renewed_, duration, now_)) {
                model_.held[*renewed_].until = after(now_, duration);
            }
        }
        machine_stopped_ = false;
        settle_model();
    }
    void act(const std::vector<ActionId>& ids) {
        Request request{
            .target = draw_target(),
            .terms = {.duration = 1s * (1 + random_.below(60))},
            .is_approved = true,
        };
        while (!ids.empty() && random_.below(2) == 0 && request.terms.depends_on.size() < 3) {
            request.terms.depends_on.push_back(ids[random_.below(ids.size())]);
        }
        if (random_.below(5) == 0) {
            (void)remedy_->propose(request, now_);
            return;
        }
        began_ = remedy_->ledger().next_id();
        if (const auto id = remedy_->act(request, now_)) {
            model_.held[*id] = {
                request.target, after(now_, request.terms.duration), request.terms.depends_on
            };
        }
        began_ = std::nullopt;  // it holds, or it was refused and does not
    }
    void approve_one() {
        for (const auto& [id, action] : remedy_->ledger().actions()) {
            if (action.is_proposed()) {
                const Action proposal = action;
                began_ = id;
                if (remedy_->approve(id, now_)) {
                    model_.held[proposal.id] = {
                        proposal.target, after(now_, proposal.terms.duration),
                        proposal.terms.depends_on
                    };
                }
                began_ = std::nullopt;
                return;
            }
        }
    }
    void undo(ActionId id) {
        const std::vector<ActionId> dependents = remedy_->ledger().dependents_of(id);
        const bool cascade = random_.below(2) == 0;
        if (!dependents.empty() && !cascade) {
            EXPECT_FALSE(remedy_->undo(id, now_));
            return;
        }
        undoing_ = dependents;
        undoing_.push_back(id);
        if (remedy_->undo(id, now_, Remedy::Cascade::kYes)) {
            for (const ActionId& each : undoing_) {
                model_.held.erase(each);
            }
        }
    }
    // An error may have come after the journal had it: then tick() brings it to its end.
    void settle_model() {
        for (const ActionId& id : undoing_) {
            if (!is_held(id)) {
                model_.held.erase(id);
            }
        }
        if (renewed_ && is_held(*renewed_)) {
            model_.held[*renewed_].until = remedy_->ledger().find(*renewed_)->until;
        }
        if (!journal_->is_broken()) {
            began_ = renewed_ = std::nullopt;
            undoing_.clear();
        }
    }
    [[nodiscard]] bool is_held(ActionId id) const {
        const Action* action = remedy_->ledger().find(id);
        return action != nullptr && action->holds();
    }

    void compare() {
        model_.end_what_is_over(now_);
        const Conditions found = executor_.read_all(now_).value();
        for (const Target& target : all_kinds()) {
            const auto at = found.find(target);
            const bool agrees = at == found.end() ? !model_.wanted(target, now_).in_force
                                                  : agree(at->second, model_.wanted(target, now_));
            EXPECT_TRUE(agrees) << name_of(target.executor) << " " << target.key.index();
        }
        for (const auto& [id, action] : remedy_->ledger().actions()) {
            for (const ActionId& other : action.terms.depends_on) {
                EXPECT_TRUE(!action.holds() || is_held(other)) << "held by nothing";
            }
        }
    }

    SeededRandom random_;
    Machine machine_;
    MachineExecutor executor_;
    Executors executors_ = doing_all(executor_);
    WallTime now_ = kEpoch;
    Model model_;
    std::unique_ptr<MachineJournal> journal_;
    std::unique_ptr<Remedy> remedy_;
    bool machine_stopped_ = false;
    // What was under way.
    std::optional<ActionId> began_;
    std::optional<ActionId> renewed_;
    std::vector<ActionId> undoing_;
};

TEST(RemedyRandom, ten_thousand_graphs_of_actions_end_as_they_should) {
    constexpr std::uint64_t kRuns = 10'000;
    for (std::uint64_t seed = 1; seed <= kRuns && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomRun(seed).run();
    }
}

}  // namespace
}  // namespace phantom::remedy
