#pragma once

// A playbook as it runs: a state machine without I/O. It says which command is to be carried out, hears what came of
// it, and goes on.
//
//     Run run(playbook, given, now);
//     for (const Order& order : run.advance(now)) { ... carry it out ... }
//     run.report(order.token, outcome, now);      // then advance() again
//
// A branch (of if, switch, while, parallel) goes on until an end, and back to where it branched off. A step that fails
// and has no on_failure leads to workflow_exception, once, and all other branches end; without one the run has failed.
// Of its result a step's out_args take the fields of their names ("__status__": "status"), or, where there is one
// out_arg and no such field, the whole text.

#include <optional>
#include <span>

#include <boost/json.hpp>

#include "playbook/playbook.h"

namespace phantom::playbook {

inline constexpr std::size_t kStepsPerRunMax = 1'000;
inline constexpr std::size_t kBranchesMax = 64;
inline constexpr std::size_t kLogMax = 300;  // the oldest go
inline constexpr Duration kRunTimeMax = std::chrono::hours(24);
inline constexpr Duration kCommandTimeDefault = std::chrono::seconds(60);

enum class RunState : std::uint8_t { kRunning, kDone, kFailed, kStopped };
[[nodiscard]] const char* name_of(RunState state);

// One command to carry out.
struct Order {
    std::uint64_t token = 0;
    std::string step;
    std::string step_name;
    Command
        command;   // with values instead of references; of a playbook-action its type is "playbook"
    Party target;  // empty: none; likewise
    Variables in;  // of a playbook-action
    WallTime until;
};

struct OrderOutcome {
    bool is_done = false;
    std::string text;                           // what is above kValueSizeMax is cut
    std::map<std::string, std::string> fields;  // "status": "200"
};

struct LogLine {
    WallTime at;
    std::string text;
};

class Run {
  public:
    // `playbook` outlives it. `given`: values of external variables.
    Run(const Playbook& playbook, const std::map<std::string, std::string>& given, WallTime now);

    // Goes as far as it can; what is to be carried out now.
    [[nodiscard]] std::vector<Order> advance(WallTime now);
    // Of a token that nobody waits for, nothing.
    void report(std::uint64_t token, const OrderOutcome& outcome, WallTime now);
    void stop(WallTime now, std::string_view why);
    // Whether advance() would do something: a delay or a time is over, or a step was reported.
    [[nodiscard]] bool is_due(WallTime now) const;

    [[nodiscard]] RunState state() const { return state_; }
    [[nodiscard]] const std::vector<LogLine>& log() const { return log_; }
    [[nodiscard]] const Variables& variables() const { return variables_; }
    // Manual commands that somebody has to do: step and what.
    struct Waiting {
        std::uint64_t token = 0;
        std::string step;
        std::string type;
        std::string command;
    };
    [[nodiscard]] std::vector<Waiting> waiting() const;
    [[nodiscard]] WallTime started() const { return started_; }

    [[nodiscard]] boost::json::object save() const;
    // What save() said, of the same playbook. None for anything else. Commands that ran when the process ended, but
    // for manual ones, have failed: whether they were carried out is not known.
    [[nodiscard]] static std::optional<Run> load(
        const Playbook& playbook, const boost::json::object& saved, WallTime now
    );

  private:
    // Where a branch goes back to at its end.
    struct Frame {
        std::string owner;
    };
    struct Branch {
        std::uint64_t number = 0;
        std::uint64_t parent = 0;  // the branch that waits for it; 0: none
        std::vector<Frame> frames;
        std::string step;
        enum class Phase : std::uint8_t { kEnter, kDelay, kCommand, kJoin } phase = Phase::kEnter;
        WallTime until;           // of the delay, of the command
        std::size_t command = 0;  // which one of the step's, and of its targets
        std::size_t target = 0;
        std::uint64_t token = 0;
        std::string command_type;  // of what it waits for
        std::string command_text;
    };

    explicit Run(const Playbook& playbook) : playbook_(playbook) {}
    void note(WallTime now, std::string text);
    void go(Branch& branch, const std::string& next);
    // True: something was done.
    bool move(std::uint64_t number, WallTime now, std::vector<Order>& orders);
    bool enter(Branch& branch, WallTime now, std::vector<Order>& orders);
    bool enter_step(Branch& branch, WallTime now, std::vector<Order>& orders);
    void fork(Branch& branch, const Step& step, WallTime now);
    void end_branch(Branch& branch, WallTime now);
    void leave_owner(Branch& branch, const Step& owner, WallTime now);
    bool order(Branch& branch, WallTime now, std::vector<Order>& orders);
    void succeed(Branch& branch, const Step& step, WallTime now);
    void fail_step(Branch& branch, const Step& step, const std::string& why, WallTime now);
    void take_results(const Step& step, const OrderOutcome& outcome);
    [[nodiscard]] Variables scope_of(const Step& step) const;
    [[nodiscard]] Branch* find(std::uint64_t number);
    void finish(RunState state, WallTime now, std::string text);

    const Playbook& playbook_;
    RunState state_ = RunState::kRunning;
    Variables variables_;
    // What steps gave to variables of their own.
    std::map<std::string, Variables> step_variables_;
    std::vector<Branch> branches_;
    std::vector<LogLine> log_;
    std::size_t steps_ = 0;
    std::uint64_t next_token_ = 1;
    std::uint64_t next_branch_ = 1;
    bool in_exception_ = false;
    WallTime started_;
};

}  // namespace phantom::playbook
