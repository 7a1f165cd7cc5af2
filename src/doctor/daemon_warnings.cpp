#include "doctor/daemon_warnings.h"

#include <fmt/format.h>

#include "fields/fields.h"

namespace phantom::doctor {

namespace {

namespace json = boost::json;
using fields::list_at;
using fields::object_at;
using fields::text_at;
using Warnings = std::vector<std::string>;

bool is_false(const json::object& of, std::string_view key) {
    const json::value* value = of.if_contains(key);
    return value != nullptr && value->is_bool() && !value->get_bool();
}

// "off" is what somebody wants.
void add_problem(Warnings& out, const char* whose, const std::string& problem) {
    if (!problem.empty() && problem != "off") {
        out.push_back(fmt::format("{}: {}", whose, problem));
    }
}

void add_status(const json::object& status, Warnings& out) {
    const json::object& self = object_at(status, "self");
    add_problem(out, "TCP for members without UDP", text_at(object_at(self, "carrier"), "problem"));
    add_problem(out, "HTTPS API", text_at(object_at(self, "api"), "problem"));
    if (text_at(self, "rotation") == "waiting") {
        out.emplace_back("New keys wait for the node that holds the root: is it reachable?");
    }
    std::size_t agreeing = 0;
    for (const json::value& each : list_at(status, "peers")) {
        if (!each.is_object() || each.get_object().contains("imported")) {
            continue;
        }
        const json::object& peer = each.get_object();
        const bool is_there = text_at(peer, "path") != "none";
        agreeing += is_there && is_false(object_at(peer, "post_quantum"), "established") ? 1 : 0;
    }
    if (agreeing != 0) {
        out.push_back(fmt::format(
            "{} members have not agreed post-quantum keys: 'phantom status' shows which", agreeing
        ));
    }
}

void add_netcheck(const json::object& netcheck, const json::object& status, Warnings& out) {
    if (list_at(status, "peers").empty()) {
        return;  // what it would advise then is to invite somebody
    }
    for (const json::value& each : list_at(netcheck, "advice")) {
        if (each.is_string() && each.get_string() != "Nothing to do.") {
            out.emplace_back(each.get_string());
        }
    }
}

void add_defence(const json::object& defence, Warnings& out) {
    add_problem(out, "handling.json", text_at(defence, "settings_problem"));
    const json::object& telling = object_at(defence, "telling");
    if (is_false(telling, "kept")) {
        out.emplace_back("The store of alerts cannot be used, so nobody is told: see the log.");
    }
    add_problem(out, "alerts.yml", text_at(telling, "config_problem"));
}

void add_files(const json::object& answer, const char* whose, const char* list, Warnings& out) {
    add_problem(out, whose, text_at(answer, "problem"));
    for (const json::value& each : list_at(answer, list)) {
        if (!each.is_object()) {
            continue;
        }
        const json::object& file = each.get_object();
        const std::string name = fmt::format("{} {}", whose, text_at(file, "name"));
        add_problem(out, name.c_str(), text_at(file, "problem"));
        add_problem(out, name.c_str(), text_at(file, "error"));
        add_problem(out, name.c_str(), text_at(object_at(file, "fetch"), "problem"));
    }
}

void add_routes(const json::object& routes, Warnings& out) {
    add_problem(out, "routes", text_at(routes, "problem"));
    for (const json::value& each : list_at(routes, "routes")) {
        if (each.is_object() && text_at(each.get_object(), "state") == "failed") {
            out.push_back(fmt::format(
                "route {}: {}", text_at(each.get_object(), "prefix"),
                text_at(each.get_object(), "reason")
            ));
        }
    }
}

}  // namespace

std::vector<std::string> warnings_of(const Answers& answers) {
    Warnings out;
    add_status(answers.status, out);
    add_netcheck(answers.netcheck, answers.status, out);
    add_routes(answers.routes, out);
    add_defence(answers.defence, out);
    add_files(answers.rules, "rules", "files", out);
    add_files(answers.feeds, "feed", "feeds", out);
    add_files(answers.inputs, "input", "inputs", out);
    add_problem(out, "dns", text_at(answers.dns, "problem"));
    return out;
}

}  // namespace phantom::doctor
