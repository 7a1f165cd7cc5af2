#include "playbook/run.h"

#include <algorithm>

#include <fmt/format.h>

#include "playbook/expression.h"

namespace phantom::playbook {

namespace {

constexpr std::size_t kLogTextMax = 400;

std::string title_of(const Step& step) {
    return step.name.empty() ? step.id : step.name;
}

// "__status__" -> "status"
std::string field_name(const std::string& variable) {
    return variable.size() > 4 ? variable.substr(2, variable.size() - 4) : variable;
}

bool substitute_all(Command& command, Party& target, const Variables& variables) {
    bool is_whole = true;
    const auto fill = [&](std::string& text) {
        const auto filled = substitute(text, variables);
        is_whole = is_whole && filled;
        text = filled.value_or("");
    };
    fill(command.command);
    fill(command.content);
    for (auto& [name, value] : command.headers) {
        fill(value);
    }
    for (auto& [kind, addresses] : target.addresses) {
        for (std::string& address : addresses) {
            fill(address);
        }
    }
    // A value may not make two headers of one.
    const bool breaks = std::ranges::any_of(command.headers, [](const auto& header) {
        return header.second.find_first_of("\r\n") != std::string::npos;
    });
    return is_whole && !breaks;
}

}  // namespace

const char* name_of(RunState state) {
    switch (state) {
        case RunState::kRunning:
            return "running";
        case RunState::kDone:
            return "done";
        case RunState::kFailed:
            return "failed";
        case RunState::kStopped:
            return "stopped";
    }
    return "";
}

Run::Run(const Playbook& playbook, const std::map<std::string, std::string>& given, WallTime now)
    : playbook_(playbook), variables_(playbook.variables), started_(now) {
    for (const auto& [name, value] : given) {
        const auto found = variables_.find(name);
        if (found != variables_.end() && found->second.is_external) {
            found->second.value = value.substr(0, kValueSizeMax);
            found->second.has_value = true;
        }
    }
    Branch first;
    first.number = next_branch_++;
    first.step = playbook.start;
    branches_.push_back(std::move(first));
    note(now, "started: " + playbook.name);
}

void Run::note(WallTime now, std::string text) {
    text.resize(std::min(text.size(), kLogTextMax));
    for (char& each : text) {
        const auto byte = static_cast<unsigned char>(each);
        each = byte < 0x20 || byte > 0x7e ? '?' : each;
    }
    if (log_.size() == kLogMax) {
        log_.erase(log_.begin());
    }
    log_.push_back({now, std::move(text)});
}

void Run::finish(RunState state, WallTime now, std::string text) {
    state_ = state;
    branches_.clear();
    note(now, std::move(text));
}

void Run::stop(WallTime now, std::string_view why) {
    if (state_ == RunState::kRunning) {
        finish(RunState::kStopped, now, fmt::format("stopped: {}", why));
    }
}

bool Run::is_due(WallTime now) const {
    return state_ == RunState::kRunning &&
           (now.ns - started_.ns > kRunTimeMax.count() ||
            std::ranges::any_of(branches_, [&](const Branch& each) {
                const bool waits = each.phase == Branch::Phase::kDelay || each.token != 0;
                return each.phase == Branch::Phase::kEnter || (waits && now >= each.until);
            }));
}

Run::Branch* Run::find(std::uint64_t number) {
    const auto found = std::ranges::find(branches_, number, &Branch::number);
    return found == branches_.end() ? nullptr : &*found;
}

std::vector<Run::Waiting> Run::waiting() const {
    std::vector<Waiting> all;
    for (const Branch& each : branches_) {
        if (each.phase == Branch::Phase::kCommand && each.token != 0) {
            all.push_back({each.token, each.step, each.command_type, each.command_text});
        }
    }
    return all;
}

std::vector<Order> Run::advance(WallTime now) {
    std::vector<Order> orders;
    if (state_ == RunState::kRunning && now.ns - started_.ns > kRunTimeMax.count()) {
        finish(RunState::kFailed, now, "failed: it ran too long");
    }
    for (bool moved = true; moved && state_ == RunState::kRunning;) {
        moved = false;
        std::vector<std::uint64_t> numbers;
        numbers.reserve(branches_.size());
        for (const Branch& each : branches_) {
            numbers.push_back(each.number);
        }
        for (const std::uint64_t number : numbers) {
            moved = (state_ == RunState::kRunning && move(number, now, orders)) || moved;
        }
    }
    // What was ordered for a branch that has ended since is not carried out.
    std::erase_if(orders, [&](const Order& order) {
        return std::ranges::find(branches_, order.token, &Branch::token) == branches_.end();
    });
    return orders;
}

bool Run::move(std::uint64_t number, WallTime now, std::vector<Order>& orders) {
    Branch* branch = find(number);
    if (branch == nullptr) {
        return false;
    }
    switch (branch->phase) {
        case Branch::Phase::kEnter:
            return enter(*branch, now, orders);
        case Branch::Phase::kDelay:
            return now >= branch->until && enter_step(*branch, now, orders);
        case Branch::Phase::kCommand:
            if (branch->token != 0 && now >= branch->until) {
                fail_step(*branch, playbook_.step(branch->step), "it took too long", now);
                return true;
            }
            return false;
        case Branch::Phase::kJoin: {
            const bool has_children = std::ranges::any_of(branches_, [&](const Branch& each) {
                return each.parent == number;
            });
            if (!has_children) {
                succeed(*branch, playbook_.step(branch->step), now);
            }
            return !has_children;
        }
    }
    return false;
}

void Run::go(Branch& branch, const std::string& next) {
    branch.step = next;
    branch.phase = Branch::Phase::kEnter;
    branch.command = 0;
    branch.target = 0;
    branch.token = 0;
}

bool Run::enter(Branch& branch, WallTime now, std::vector<Order>& orders) {
    if (++steps_ > kStepsPerRunMax) {
        finish(RunState::kFailed, now, fmt::format("failed: more than {} steps", kStepsPerRunMax));
        return true;
    }
    const Step& step = playbook_.step(branch.step);
    if (step.delay > Duration(0)) {
        branch.phase = Branch::Phase::kDelay;
        branch.until = {now.ns + std::min(step.delay, kRunTimeMax).count()};
        return true;
    }
    return enter_step(branch, now, orders);
}

bool Run::enter_step(Branch& branch, WallTime now, std::vector<Order>& orders) {
    const Step& step = playbook_.step(branch.step);
    switch (step.kind) {
        case StepKind::kStart:
            succeed(branch, step, now);
            return true;
        case StepKind::kEnd:
            end_branch(branch, now);
            return true;
        case StepKind::kAction:
        case StepKind::kPlaybookAction:
            return order(branch, now, orders);
        case StepKind::kParallel:
            fork(branch, step, now);
            return true;
        case StepKind::kIf:
        case StepKind::kWhile: {
            const auto holds = evaluate(step.condition, scope_of(step));
            if (!holds) {
                fail_step(branch, step, holds.error(), now);
                return true;
            }
            note(now, fmt::format("{}: {} is {}", title_of(step), step.condition, *holds));
            const std::string& next = *holds ? step.on_true : step.on_false;
            if (next.empty()) {
                leave_owner(branch, step, now);
                return true;
            }
            branch.frames.push_back({step.id});
            go(branch, next);
            return true;
        }
        case StepKind::kSwitch: {
            const auto value = substitute(step.condition, scope_of(step));
            if (!value) {
                fail_step(branch, step, "what is compared has no value", now);
                return true;
            }
            auto found =
                std::ranges::find(step.cases, *value, &std::pair<std::string, std::string>::first);
            if (found == step.cases.end()) {
                found = std::ranges::find(
                    step.cases, "default", &std::pair<std::string, std::string>::first
                );
            }
            note(now, fmt::format("{}: {}", title_of(step), *value));
            if (found == step.cases.end()) {
                leave_owner(branch, step, now);
                return true;
            }
            branch.frames.push_back({step.id});
            go(branch, found->second);
            return true;
        }
    }
    return false;
}

void Run::fork(Branch& branch, const Step& step, WallTime now) {
    if (branches_.size() + step.next_steps.size() > kBranchesMax) {
        finish(RunState::kFailed, now, fmt::format("failed: more than {} branches", kBranchesMax));
        return;
    }
    const std::uint64_t parent = branch.number;
    branch.phase = Branch::Phase::kJoin;
    for (const std::string& next : step.next_steps) {
        Branch child;
        child.number = next_branch_++;
        child.parent = parent;
        child.step = next;
        branches_.push_back(std::move(child));
    }
}

// The end of a branch: back to what branched off; of the last, the run is done.
void Run::end_branch(Branch& branch, WallTime now) {
    if (!branch.frames.empty()) {
        const Step& owner = playbook_.step(branch.frames.back().owner);
        branch.frames.pop_back();
        if (owner.kind == StepKind::kWhile) {
            go(branch, owner.id);  // its condition is asked again
        } else {
            leave_owner(branch, owner, now);
        }
        return;
    }
    const std::uint64_t number = branch.number;
    std::erase_if(branches_, [&](const Branch& each) { return each.number == number; });
    if (branches_.empty()) {
        finish(
            in_exception_ ? RunState::kFailed : RunState::kDone, now,
            in_exception_ ? "failed: the exception was handled" : "done"
        );
    }
}

// Past an if, a while or a switch.
void Run::leave_owner(Branch& branch, const Step& owner, WallTime now) {
    const std::string& next = owner.on_completion.empty() ? owner.on_success : owner.on_completion;
    if (next.empty()) {
        end_branch(branch, now);
        return;
    }
    // A body that goes to its while by itself ends there.
    if (!branch.frames.empty() && branch.frames.back().owner == next &&
        playbook_.step(next).kind == StepKind::kWhile) {
        branch.frames.pop_back();
    }
    go(branch, next);
}

void Run::succeed(Branch& branch, const Step& step, WallTime now) {
    leave_owner(branch, step, now);
}

void Run::fail_step(Branch& branch, const Step& step, const std::string& why, WallTime now) {
    note(now, fmt::format("{}: failed: {}", title_of(step), why));
    if (!step.on_failure.empty()) {
        go(branch, step.on_failure);
        return;
    }
    if (playbook_.exception.empty() || in_exception_) {
        finish(RunState::kFailed, now, fmt::format("failed at {}", title_of(step)));
        return;
    }
    in_exception_ = true;
    branches_.clear();
    Branch handler;
    handler.number = next_branch_++;
    handler.step = playbook_.exception;
    branches_.push_back(std::move(handler));
}

Variables Run::scope_of(const Step& step) const {
    Variables scope = variables_;
    for (const auto& [name, variable] : step.variables) {
        scope[name] = variable;
    }
    const auto own = step_variables_.find(step.id);
    if (own != step_variables_.end()) {
        for (const auto& [name, variable] : own->second) {
            scope[name] = variable;
        }
    }
    return scope;
}

// The command that is next, against the target that is next.
bool Run::order(Branch& branch, WallTime now, std::vector<Order>& orders) {
    const Step& step = playbook_.step(branch.step);
    const Variables scope = scope_of(step);
    Order order;
    order.token = next_token_++;
    order.step = step.id;
    order.step_name = title_of(step);
    if (step.kind == StepKind::kPlaybookAction) {
        order.command.type = "playbook";
        order.command.command = step.playbook_id;
        for (const std::string& name : step.in_args) {
            order.in[name] = scope.at(name);
        }
    } else {
        order.command = step.commands.at(branch.command);
        if (!step.targets.empty()) {
            order.target = playbook_.parties.at(step.targets.at(branch.target));
        }
    }
    if (!substitute_all(order.command, order.target, scope)) {
        fail_step(branch, step, "a variable of its command has no value, or breaks a header", now);
        return true;
    }
    const bool waits_for_people =
        order.command.type == "manual" || order.command.type == "playbook";
    const Duration time = step.timeout > Duration(0) ? step.timeout
                          : waits_for_people         ? kRunTimeMax
                                                     : kCommandTimeDefault;
    order.until = {now.ns + std::min(time, kRunTimeMax).count()};
    branch.phase = Branch::Phase::kCommand;
    branch.token = order.token;
    branch.until = order.until;
    branch.command_type = order.command.type;
    branch.command_text = order.command.command;
    note(now, fmt::format("{}: {} {}", order.step_name, order.command.type, order.command.command));
    orders.push_back(std::move(order));
    return true;
}

void Run::take_results(const Step& step, const OrderOutcome& outcome) {
    for (const std::string& name : step.out_args) {
        const auto field = outcome.fields.find(field_name(name));
        if (field == outcome.fields.end() && step.out_args.size() > 1) {
            continue;
        }
        const std::string& value = field == outcome.fields.end() ? outcome.text : field->second;
        const bool is_own = step.variables.contains(name);
        Variable& variable =
            is_own
                ? step_variables_[step.id].try_emplace(name, step.variables.at(name)).first->second
                : variables_[name];
        variable.value = value.substr(0, kValueSizeMax);
        variable.has_value = true;
    }
}

void Run::report(std::uint64_t token, const OrderOutcome& outcome, WallTime now) {
    const auto found = std::ranges::find(branches_, token, &Branch::token);
    if (token == 0 || found == branches_.end() || state_ != RunState::kRunning) {
        return;
    }
    Branch& branch = *found;
    const Step& step = playbook_.step(branch.step);
    branch.token = 0;
    take_results(step, outcome);
    if (!outcome.is_done) {
        fail_step(branch, step, outcome.text, now);
        return;
    }
    note(
        now,
        fmt::format("{}: done{}{}", title_of(step), outcome.text.empty() ? "" : ": ", outcome.text)
    );
    if (++branch.target < step.targets.size()) {
        branch.phase = Branch::Phase::kEnter;  // the same command against the next one
        return;
    }
    branch.target = 0;
    if (++branch.command < step.commands.size()) {
        branch.phase = Branch::Phase::kEnter;
        return;
    }
    succeed(branch, step, now);
}

}  // namespace phantom::playbook
