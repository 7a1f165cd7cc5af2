#include "playbook/dry_run.h"

#include <set>

#include <fmt/format.h>

#include "playbook/expression.h"

namespace phantom::playbook {

namespace {

class DryRun {
  public:
    DryRun(const Playbook& playbook, const std::map<std::string, std::string>& given)
        : playbook_(playbook), variables_(playbook.variables) {
        for (const auto& [name, value] : given) {
            const auto found = variables_.find(name);
            if (found != variables_.end() && found->second.is_external) {
                found->second.value = value;
                found->second.has_value = true;
            }
        }
        // What a step may change is not known before.
        for (const auto& [id, step] : playbook.steps) {
            for (const std::string& name : step.out_args) {
                unknown_.insert(name);
                if (const auto found = variables_.find(name); found != variables_.end()) {
                    found->second.has_value = false;
                }
            }
        }
    }

    std::vector<std::string> run() {
        walk(playbook_.start, 0);
        if (!playbook_.exception.empty() && !seen_.contains(playbook_.exception)) {
            say(0, "when something fails:");
            walk(playbook_.exception, 1);
        }
        return std::move(lines_);
    }

  private:
    void say(std::size_t depth, std::string text) {
        lines_.push_back(std::string(2 * depth, ' ') + std::move(text));
    }

    [[nodiscard]] Variables scope_of(const Step& step) const {
        Variables scope = variables_;
        for (const auto& [name, variable] : step.variables) {
            scope[name] = variable;
            scope[name].has_value = variable.has_value && !unknown_.contains(name);
        }
        return scope;
    }

    static std::string filled(const std::string& text, const Variables& scope) {
        return substitute(text, scope).value_or(text);
    }

    // NOLINTNEXTLINE(misc-no-recursion): each step once, and there are kStepsMax
    void walk(const std::string& id, std::size_t depth) {
        if (id.empty()) {
            return;
        }
        const Step& step = playbook_.step(id);
        const std::string title = step.name.empty() ? step.id : step.name;
        if (!seen_.insert(id).second) {
            say(depth, fmt::format("(on to '{}')", title));
            return;
        }
        describe(step, title, depth);
        if (!step.on_failure.empty()) {
            say(depth, "if it fails:");
            walk(step.on_failure, depth + 1);
        }
        walk(step.on_completion.empty() ? step.on_success : step.on_completion, depth);
    }

    // NOLINTNEXTLINE(misc-no-recursion): as walk()
    void describe(const Step& step, const std::string& title, std::size_t depth) {
        const Variables scope = scope_of(step);
        if (step.delay > Duration(0)) {
            say(depth, fmt::format("wait {} ms", step.delay / std::chrono::milliseconds(1)));
        }
        switch (step.kind) {
            case StepKind::kStart:
            case StepKind::kEnd:
                say(depth, fmt::format("{}", name_of(step.kind)));
                break;
            case StepKind::kAction:
                for (const Command& command : step.commands) {
                    describe_command(
                        step, title, filled(command.command, scope), command.type, depth
                    );
                }
                break;
            case StepKind::kPlaybookAction:
                say(depth, fmt::format("{}: playbook {}", title, step.playbook_id));
                break;
            case StepKind::kParallel:
                for (const std::string& next : step.next_steps) {
                    say(depth, "at the same time:");
                    walk(next, depth + 1);
                }
                break;
            case StepKind::kIf:
            case StepKind::kWhile:
                describe_condition(step, scope, depth);
                break;
            case StepKind::kSwitch:
                for (const auto& [value, next] : step.cases) {
                    say(depth, fmt::format("if {} is '{}':", filled(step.condition, scope), value));
                    walk(next, depth + 1);
                }
                break;
        }
    }

    void describe_command(
        const Step& step, const std::string& title, const std::string& command,
        const std::string& type, std::size_t depth
    ) {
        std::string targets;
        for (const std::string& target : step.targets) {
            targets += (targets.empty() ? " against " : ", ") + playbook_.parties.at(target).name;
        }
        say(depth, fmt::format("{}: {} '{}'{}", title, type, command, targets));
    }

    // NOLINTNEXTLINE(misc-no-recursion): as walk()
    void describe_condition(const Step& step, const Variables& scope, std::size_t depth) {
        const auto holds = evaluate(step.condition, scope);
        const char* const word = step.kind == StepKind::kWhile ? "while" : "if";
        const std::string known = !holds   ? "not known before"
                                  : *holds ? "it is so now"
                                           : "it is not so now";
        say(depth, fmt::format("{} {} ({}):", word, step.condition, known));
        walk(step.on_true, depth + 1);
        if (!step.on_false.empty()) {
            say(depth, "else:");
            walk(step.on_false, depth + 1);
        }
    }

    const Playbook& playbook_;
    Variables variables_;
    std::set<std::string> unknown_;
    std::set<std::string> seen_;
    std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> dry_run(
    const Playbook& playbook, const std::map<std::string, std::string>& given
) {
    return DryRun(playbook, given).run();
}

}  // namespace phantom::playbook
