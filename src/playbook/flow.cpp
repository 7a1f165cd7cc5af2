#include "playbook/flow.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "playbook/expression.h"

namespace phantom::playbook {

const char* name_of(StepKind kind) {
    switch (kind) {
        case StepKind::kStart:
            return "start";
        case StepKind::kEnd:
            return "end";
        case StepKind::kAction:
            return "action";
        case StepKind::kPlaybookAction:
            return "playbook-action";
        case StepKind::kParallel:
            return "parallel";
        case StepKind::kIf:
            return "if-condition";
        case StepKind::kWhile:
            return "while-condition";
        case StepKind::kSwitch:
            return "switch-condition";
    }
    return "";
}

std::vector<std::string> next_of(const Step& step) {
    std::vector<std::string> next = step.next_steps;
    for (const std::string* each :
         {&step.on_true, &step.on_false, &step.on_completion, &step.on_success, &step.on_failure}) {
        if (!each->empty()) {
            next.push_back(*each);
        }
    }
    for (const auto& [value, id] : step.cases) {
        next.push_back(id);
    }
    return next;
}

namespace {

using MaybeProblem = std::optional<Problem>;

std::string path_of(const std::string& id) {
    return "$.workflow['" + id + "']";
}

MaybeProblem check_names(const Playbook& playbook) {
    const auto start = playbook.steps.find(playbook.start);
    if (start == playbook.steps.end() || start->second.kind != StepKind::kStart) {
        return Problem{"$.workflow_start", "it names no start step of the workflow"};
    }
    if (!playbook.exception.empty() && !playbook.steps.contains(playbook.exception)) {
        return Problem{"$.workflow_exception", "there is no such step"};
    }
    bool has_action = false;
    bool has_end = false;
    for (const auto& [id, step] : playbook.steps) {
        has_action =
            has_action || step.kind == StepKind::kAction || step.kind == StepKind::kPlaybookAction;
        has_end = has_end || step.kind == StepKind::kEnd;
        for (const std::string& next : next_of(step)) {
            const auto found = playbook.steps.find(next);
            if (found == playbook.steps.end()) {
                return Problem{path_of(id), "there is no step " + next};
            }
            if (found->second.kind == StepKind::kStart) {
                return Problem{path_of(id), "it goes back to a start"};
            }
        }
    }
    if (!has_action || !has_end) {
        return Problem{"$.workflow", "an action and an end are needed"};
    }
    return std::nullopt;
}

MaybeProblem check_reach(const Playbook& playbook) {
    std::set<std::string> reached{playbook.start};
    std::vector<std::string> open{playbook.start};
    if (!playbook.exception.empty() && reached.insert(playbook.exception).second) {
        open.push_back(playbook.exception);
    }
    while (!open.empty()) {
        const std::string id = open.back();
        open.pop_back();
        for (const std::string& next : next_of(playbook.step(id))) {
            if (reached.insert(next).second) {
                open.push_back(next);
            }
        }
    }
    for (const auto& [id, step] : playbook.steps) {
        if (!reached.contains(id)) {
            return Problem{path_of(id), "nothing leads to this step"};
        }
    }
    return std::nullopt;
}

// Steps from which nothing but steps taken away before leads on are taken away; what is left goes in circles. Ways into
// a while do not count: its condition ends them.
MaybeProblem check_circles(const Playbook& playbook) {
    std::map<std::string, std::size_t> open_ways;
    std::map<std::string, std::vector<std::string>> before;
    std::vector<std::string> done;
    for (const auto& [id, step] : playbook.steps) {
        std::size_t& ways = open_ways[id];
        for (const std::string& next : next_of(step)) {
            if (playbook.step(next).kind != StepKind::kWhile) {
                ++ways;
                before[next].push_back(id);
            }
        }
        if (ways == 0) {
            done.push_back(id);
        }
    }
    while (!done.empty()) {
        const std::string id = done.back();
        done.pop_back();
        open_ways.erase(id);
        for (const std::string& each : before[id]) {
            if (--open_ways[each] == 0) {
                done.push_back(each);
            }
        }
    }
    if (!open_ways.empty()) {
        return Problem{path_of(open_ways.begin()->first), "it goes in a circle that no while ends"};
    }
    return std::nullopt;
}

// Each with where it stands.
std::vector<std::pair<std::string, std::string>> texts_of(
    const Playbook& playbook, const Step& step
) {
    std::vector<std::pair<std::string, std::string>> texts;
    const std::string path = path_of(step.id);
    if (step.kind == StepKind::kIf || step.kind == StepKind::kWhile) {
        texts.emplace_back(path + ".condition", step.condition);
    }
    if (step.kind == StepKind::kSwitch) {
        texts.emplace_back(path + ".switch", step.condition);
    }
    for (std::size_t index = 0; index < step.commands.size(); ++index) {
        const Command& command = step.commands[index];
        const std::string at = fmt::format("{}.commands[{}]", path, index);
        texts.emplace_back(at + ".command", command.command);
        texts.emplace_back(at + ".content", command.content);
        for (const auto& [name, value] : command.headers) {
            texts.emplace_back(at + ".headers", value);
        }
    }
    for (const std::string& target : step.targets) {
        const auto party = playbook.parties.find(target);
        if (party == playbook.parties.end()) {
            continue;
        }
        for (const auto& [kind, addresses] : party->second.addresses) {
            for (const std::string& address : addresses) {
                texts.emplace_back("$.target_definitions['" + target + "'].address", address);
            }
        }
    }
    return texts;
}

class VariableCheck {
  public:
    explicit VariableCheck(const Playbook& playbook) : playbook_(playbook) {
        for (const auto& [id, step] : playbook.steps) {
            set_by_steps_.insert(step.out_args.begin(), step.out_args.end());
        }
    }

    [[nodiscard]] MaybeProblem run() const {
        for (const auto& [id, step] : playbook_.steps) {
            for (const auto& [path, text] : texts_of(playbook_, step)) {
                for (const std::string& name : references_in(text)) {
                    if (auto problem = check(step, path, name)) {
                        return problem;
                    }
                }
            }
            for (const auto* names : {&step.in_args, &step.out_args}) {
                for (const std::string& name : *names) {
                    const Variable* variable = find(step, name);
                    if (variable == nullptr) {
                        return Problem{path_of(id), "there is no variable " + name};
                    }
                    if (names == &step.out_args && variable->is_constant) {
                        return Problem{path_of(id), name + " is constant, and this sets it"};
                    }
                }
            }
        }
        return std::nullopt;
    }

  private:
    [[nodiscard]] const Variable* find(const Step& step, const std::string& name) const {
        const auto own = step.variables.find(name);
        if (own != step.variables.end()) {
            return &own->second;
        }
        const auto all = playbook_.variables.find(name);
        return all == playbook_.variables.end() ? nullptr : &all->second;
    }

    [[nodiscard]] MaybeProblem check(
        const Step& step, const std::string& path, const std::string& name
    ) const {
        const Variable* variable = find(step, name);
        if (variable == nullptr) {
            return Problem{path, "there is no variable " + name};
        }
        if (!variable->has_value && !variable->is_external && !set_by_steps_.contains(name)) {
            return Problem{path, name + " has no value, and nothing gives it one"};
        }
        return std::nullopt;
    }

    const Playbook& playbook_;
    std::set<std::string> set_by_steps_;
};

MaybeProblem check_conditions(const Playbook& playbook) {
    for (const auto& [id, step] : playbook.steps) {
        if (step.kind != StepKind::kIf && step.kind != StepKind::kWhile) {
            continue;
        }
        if (const std::string problem = problem_of_condition(step.condition); !problem.empty()) {
            return Problem{path_of(id) + ".condition", problem};
        }
    }
    return std::nullopt;
}

MaybeProblem check_parties(const Playbook& playbook) {
    for (const auto& [id, step] : playbook.steps) {
        if (step.kind != StepKind::kAction) {
            continue;
        }
        if (!playbook.parties.contains(step.agent)) {
            return Problem{path_of(id) + ".agent", "no agent of this name is defined"};
        }
        for (const std::string& target : step.targets) {
            if (!playbook.parties.contains(target)) {
                return Problem{path_of(id) + ".targets", "no target '" + target + "' is defined"};
            }
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<Problem> problem_of_flow(const Playbook& playbook) {
    for (const auto check :
         {check_names, check_reach, check_circles, check_conditions, check_parties}) {
        if (auto problem = check(playbook)) {
            return problem;
        }
    }
    return VariableCheck(playbook).run();
}

}  // namespace phantom::playbook
