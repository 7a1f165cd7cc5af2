// What `phantom playbook` asks for.

#include <algorithm>

#include <fmt/format.h>

#include "daemon/control_server.h"
#include "daemon/json_fields.h"
#include "daemon/playbook_service.h"
#include "fields/fields.h"
#include "incident/record.h"
#include "playbook/dry_run.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

constexpr std::size_t kGivenMax = 64;

json::object describe_run(const playbook::Run& run) {
    json::array waiting;
    for (const auto& each : run.waiting()) {
        waiting.push_back(json::object{
            {"step", each.token}, {"id", each.step}, {"type", each.type}, {"command", each.command}
        });
    }
    return {
        {"state", playbook::name_of(run.state())},
        {"started", incident::time_text(run.started())},
        {"waiting", std::move(waiting)},
    };
}

}  // namespace

std::vector<std::string> PlaybookService::runs_of(std::uint64_t incident) const {
    std::vector<std::string> lines;
    for (const auto& [number, active] : runs_) {
        if (active.incident == incident && incident != 0) {
            lines.push_back(fmt::format(
                "run {}: {}, {}", number, active.name, playbook::name_of(active.run->state())
            ));
        }
    }
    return lines;
}

json::object PlaybookService::list() const {
    json::array all;
    for (const std::string& name : names()) {
        json::object each{{"name", name}, {"id", ""}, {"title", ""}, {"steps", 0}, {"problem", ""}};
        const auto text = text_of(name);
        if (!text) {
            each["problem"] = text.error();
        } else if (const auto read = playbook::read_playbook(*text)) {
            each["id"] = read->id;
            each["title"] = read->name;
            each["steps"] = read->steps.size();
        } else {
            each["problem"] = read.error().text();
        }
        all.push_back(std::move(each));
    }
    return {
        {"schema", "phantom.playbooks/1"},
        {"folder", node_.files().path_of("playbooks").string()},
        {"playbooks", std::move(all)},
    };
}

json::object PlaybookService::start_run(
    const json::object& request, const incident::Incident* incident
) {
    Wish wish{.name = fields::text_at(request, "name"), .incident = 0, .given = {}};
    if (incident != nullptr) {
        wish.incident = incident->number;
        wish.given = variables_of(*incident);
    } else if (fields::number_at(request, "incident", 0) != 0) {
        return control_error(
            "not_found", "there is no such incident; 'phantom incidents' lists them"
        );
    }
    for (const auto& member : fields::object_at(request, "given")) {
        if (member.value().is_string() && wish.given.size() < kGivenMax) {
            wish.given[std::string(member.key())] = member.value().get_string();
        }
    }
    if (fields::is_true(request, "dry_run")) {
        const auto text = text_of(wish.name);
        if (!text) {
            return control_error("not_found", text.error());
        }
        const auto read = playbook::read_playbook(*text);
        if (!read) {
            return control_error("refused", read.error().text());
        }
        json::array lines;
        for (const std::string& line : playbook::dry_run(*read, wish.given)) {
            lines.emplace_back(line);
        }
        return {
            {"schema", "phantom.playbook_dry_run/1"},
            {"name", wish.name},
            {"lines", std::move(lines)}
        };
    }
    const auto begun = begin(wish);
    if (!begun) {
        return control_error("refused", begun.error());
    }
    json::object out = describe_run(*(*begun)->run);
    out["schema"] = "phantom.playbook_run/1";
    out["run"] = (*begun)->number;
    out["name"] = wish.name;
    return out;
}

json::object PlaybookService::status(const json::object& request) const {
    const auto wanted = static_cast<std::uint64_t>(fields::number_at(request, "run", 0));
    if (wanted != 0 && !runs_.contains(wanted)) {
        return control_error(
            "not_found", "there is no such run; 'phantom playbook status' lists them"
        );
    }
    json::array all;
    for (const auto& [number, active] : runs_) {
        if (wanted != 0 && wanted != number) {
            continue;
        }
        json::object each = describe_run(*active.run);
        each["run"] = number;
        each["name"] = active.name;
        each["incident"] = active.incident;
        json::array log;
        if (wanted != 0) {
            for (const playbook::LogLine& line : active.run->log()) {
                log.push_back(
                    json::object{{"at", incident::time_text(line.at)}, {"text", line.text}}
                );
            }
        }
        each["log"] = std::move(log);
        all.push_back(std::move(each));
    }
    return {{"schema", "phantom.playbook_runs/1"}, {"runs", std::move(all)}};
}

json::object PlaybookService::end_step(const json::object& request) {
    const auto found = runs_.find(static_cast<std::uint64_t>(fields::number_at(request, "run", 0)));
    const auto token = static_cast<std::uint64_t>(fields::number_at(request, "step", 0));
    const auto is_it = [&](const playbook::Run::Waiting& each) {
        return each.token == token && each.type == "manual";
    };
    const auto waiting =
        found == runs_.end() ? std::vector<playbook::Run::Waiting>() : found->second.run->waiting();
    if (std::ranges::none_of(waiting, is_it)) {
        return control_error(
            "not_found", "nothing waits for that; 'phantom playbook status' says what does"
        );
    }
    const bool has_failed = fields::is_true(request, "failed");
    found->second.run->report(
        token, {.is_done = !has_failed, .text = fields::text_at(request, "text"), .fields = {}},
        wall_now()
    );
    go_on(found->second);
    json::object out = describe_run(*found->second.run);
    out["schema"] = "phantom.playbook_run/1";
    out["run"] = found->first;
    out["name"] = found->second.name;
    return out;
}

json::object PlaybookService::stop_run(const json::object& request) {
    const auto found = runs_.find(static_cast<std::uint64_t>(fields::number_at(request, "run", 0)));
    if (found == runs_.end() || found->second.run->state() != playbook::RunState::kRunning) {
        return control_error(
            "not_found", "no such run is under way; 'phantom playbook status' lists them"
        );
    }
    found->second.run->stop(wall_now(), "by the operator");
    save(found->second);
    finish(found->second);
    json::object out = describe_run(*found->second.run);
    out["schema"] = "phantom.playbook_run/1";
    out["run"] = found->first;
    out["name"] = found->second.name;
    return out;
}

json::object PlaybookService::answer(
    const json::object& request, const incident::Incident* incident
) {
    const std::string verb = fields::text_at(request, "verb");
    if (verb == "playbook.list") {
        return list();
    }
    if (verb == "playbook.run") {
        return start_run(request, incident);
    }
    if (verb == "playbook.status") {
        return status(request);
    }
    if (verb == "playbook.done") {
        return end_step(request);
    }
    return verb == "playbook.stop"
               ? stop_run(request)
               : control_error("unknown_verb", "there is no verb '" + verb + "'");
}

}  // namespace phantom::daemon
