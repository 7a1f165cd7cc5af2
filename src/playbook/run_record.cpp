// A run as it is kept over a restart.

#include "playbook/run.h"

namespace phantom::playbook {

namespace {

namespace json = boost::json;

json::object save_variables(const Variables& variables) {
    json::object saved;
    for (const auto& [name, variable] : variables) {
        saved[name] = variable.has_value ? json::value(variable.value) : json::value(nullptr);
    }
    return saved;
}

void load_variables(const json::object& saved, Variables& variables) {
    for (const auto& member : saved) {
        Variable& variable = variables[std::string(member.key())];
        variable.has_value = member.value().is_string();
        variable.value = variable.has_value ? std::string(member.value().get_string()) : "";
    }
}

std::string wall_text(WallTime at) {
    return std::to_string(at.ns);
}

WallTime wall_at(const json::object& of, const char* key) {
    return {std::stoll(std::string(of.at(key).as_string()))};
}

}  // namespace

json::object Run::save() const {
    json::array branches;
    for (const Branch& each : branches_) {
        json::array frames;
        for (const Frame& frame : each.frames) {
            frames.emplace_back(frame.owner);
        }
        branches.push_back(json::object{
            {"number", each.number},
            {"parent", each.parent},
            {"frames", std::move(frames)},
            {"step", each.step},
            {"phase", static_cast<int>(each.phase)},
            {"until", wall_text(each.until)},
            {"command", each.command},
            {"target", each.target},
            {"token", each.token},
            {"type", each.command_type},
            {"text", each.command_text},
        });
    }
    json::array log;
    for (const LogLine& each : log_) {
        log.push_back(json::object{{"at", wall_text(each.at)}, {"text", each.text}});
    }
    json::object steps;
    for (const auto& [id, variables] : step_variables_) {
        steps[id] = save_variables(variables);
    }
    return {
        {"state", static_cast<int>(state_)},
        {"variables", save_variables(variables_)},
        {"step_variables", std::move(steps)},
        {"branches", std::move(branches)},
        {"log", std::move(log)},
        {"steps", steps_},
        {"next_token", next_token_},
        {"next_branch", next_branch_},
        {"in_exception", in_exception_},
        {"started", wall_text(started_)},
    };
}

std::optional<Run> Run::load(const Playbook& playbook, const json::object& saved, WallTime now) {
    // A field that is missing or of another kind is told of by throwing.
    try {
        Run run(playbook);
        run.variables_ = playbook.variables;
        run.state_ = static_cast<RunState>(saved.at("state").to_number<int>());
        load_variables(saved.at("variables").as_object(), run.variables_);
        for (const auto& step : saved.at("step_variables").as_object()) {
            load_variables(step.value().as_object(), run.step_variables_[std::string(step.key())]);
        }
        run.steps_ = saved.at("steps").to_number<std::size_t>();
        run.next_token_ = saved.at("next_token").to_number<std::uint64_t>();
        run.next_branch_ = saved.at("next_branch").to_number<std::uint64_t>();
        run.in_exception_ = saved.at("in_exception").as_bool();
        run.started_ = wall_at(saved, "started");
        for (const json::value& each : saved.at("log").as_array()) {
            const json::object& line = each.as_object();
            run.log_.push_back({wall_at(line, "at"), std::string(line.at("text").as_string())});
        }
        for (const json::value& each : saved.at("branches").as_array()) {
            const json::object& of = each.as_object();
            Branch branch;
            branch.number = of.at("number").to_number<std::uint64_t>();
            branch.parent = of.at("parent").to_number<std::uint64_t>();
            for (const json::value& frame : of.at("frames").as_array()) {
                branch.frames.push_back({std::string(frame.as_string())});
                (void)playbook.step(branch.frames.back().owner);
            }
            branch.step = of.at("step").as_string();
            const Step& step = playbook.step(branch.step);
            branch.phase = static_cast<Branch::Phase>(of.at("phase").to_number<int>());
            branch.until = wall_at(of, "until");
            branch.command = of.at("command").to_number<std::size_t>();
            branch.target = of.at("target").to_number<std::size_t>();
            branch.token = of.at("token").to_number<std::uint64_t>();
            branch.command_type = of.at("type").as_string();
            branch.command_text = of.at("text").as_string();
            const bool is_bad =
                (step.kind == StepKind::kAction && branch.command >= step.commands.size()) ||
                branch.target > step.targets.size() || branch.phase > Branch::Phase::kJoin ||
                run.branches_.size() == kBranchesMax;
            if (is_bad) {
                return std::nullopt;
            }
            run.branches_.push_back(std::move(branch));
        }
        for (const Waiting& each : run.waiting()) {
            if (each.type != "manual" && each.type != "playbook") {
                run.report(
                    each.token,
                    {.is_done = false,
                     .text = "the node ended while it ran; whether it was carried out is not known",
                     .fields = {}},
                    now
                );
            }
        }
        return run;
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

}  // namespace phantom::playbook
