#include "top/snapshot.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <tuple>

#include <fmt/format.h>

#include "fields/fields.h"

namespace phantom::top {

namespace {

namespace json = boost::json;
using fields::count_at;
using fields::is_true;
using fields::list_at;
using fields::object_at;
using fields::real_at;

std::string shown(std::string_view text) {
    std::string out;
    for (const char each : text) {
        out += each >= ' ' && each <= '~' ? each : '?';
    }
    return out;
}

// What a terminal can be shown of it.
std::string text_at(const json::object& of, std::string_view key) {
    return shown(fields::word_at(of, key));
}

// Each object of a list, read; the others are none.
template <class Row, class Read>
std::vector<Row> rows_of(const json::object& of, std::string_view key, Read read) {
    std::vector<Row> rows;
    for (const json::value& each : list_at(of, key)) {
        if (each.is_object() && rows.size() < kRowsMax) {
            rows.push_back(read(each.get_object()));
        }
    }
    return rows;
}

std::string way_of(const json::object& peer) {
    std::string relays;
    for (const json::value& each : list_at(peer, "relays")) {
        if (each.is_string()) {
            relays += (relays.empty() ? "by " : " > ") + shown(each.get_string());
        }
    }
    return relays.empty() ? text_at(peer, "endpoint") : relays;
}

Peer read_peer(const json::object& of) {
    Peer peer;
    peer.name = text_at(of, "name");
    const json::array& addresses = list_at(of, "addresses");
    peer.address = !addresses.empty() && addresses.front().is_string()
                       ? shown(addresses.front().get_string())
                       : "";
    peer.path = text_at(of, "path");
    peer.way = way_of(of);
    peer.id = text_at(of, "id");
    peer.state = text_at(of, "state");
    peer.expires = text_at(of, "expires");
    peer.keys_since = text_at(of, "keys_since");
    const json::value* rtt = of.if_contains("rtt_ms");
    if (rtt != nullptr && rtt->is_number()) {
        peer.rtt_ms = rtt->to_number<double>();
    }
    peer.loss = std::clamp(real_at(of, "loss"), 0.0, 1.0);
    peer.is_post_quantum = is_true(object_at(of, "post_quantum"), "established");
    peer.is_imported = of.contains("imported");
    peer.received_bytes = count_at(of, "received_bytes");
    peer.sent_bytes = count_at(of, "sent_bytes");
    return peer;
}

std::string subject_of(const json::object& of) {
    const std::string name = text_at(of, "subject_name");
    return name.empty() ? text_at(of, "subject") : name;
}

Alert read_alert(const json::object& of) {
    Alert alert;
    alert.number = count_at(of, "number");
    alert.priority = text_at(of, "priority");
    alert.risk_tenths = static_cast<int>(std::min<std::uint64_t>(count_at(of, "risk_tenths"), 100));
    alert.confidence = real_at(of, "confidence");
    // How it is with being told; what the pipeline says where nobody is.
    alert.state = of.contains("telling") ? text_at(of, "telling") : text_at(of, "state");
    alert.subject = subject_of(of);
    alert.object = text_at(of, "object");
    alert.what = text_at(of, "text");
    alert.rule = text_at(of, "rule");
    alert.technique = text_at(of, "technique");
    alert.last = text_at(of, "last");
    alert.assessment = text_at(of, "assessment");
    alert.count = count_at(of, "count");
    alert.incident = count_at(of, "incident");
    alert.action = count_at(of, "action");
    return alert;
}

Incident read_incident(const json::object& of) {
    Incident incident;
    incident.number = count_at(of, "number");
    incident.priority = count_at(of, "priority");
    incident.risk_tenths =
        static_cast<int>(std::min<std::uint64_t>(count_at(of, "risk_tenths"), 100));
    incident.state = text_at(of, "state");
    incident.subject = subject_of(of);
    incident.title = text_at(of, "title");
    incident.opened = text_at(object_at(of, "times"), "opened");
    incident.alerts = list_at(of, "alerts").size();
    incident.actions = list_at(of, "actions").size();
    return incident;
}

Action read_action(const json::object& of) {
    Action action;
    action.number = count_at(of, "number");
    action.state = text_at(of, "state");
    action.kind = text_at(of, "executor");
    action.target = text_at(of, "target");
    action.reason = text_at(of, "reason");
    action.until = text_at(of, "until");
    action.effect = text_at(object_at(of, "effect"), "text");
    action.remaining_s = count_at(of, "remaining_s");
    action.wants_confirmation = !text_at(of, "confirm_by").empty();
    action.renews = is_true(of, "renews");
    return action;
}

// What stands still until somebody says a word.
void add_waiting(const Snapshot& snapshot, const json::object& runs, std::vector<Need>& needs) {
    for (const Action& each : snapshot.actions) {
        if (each.state == "proposed") {
            needs.push_back({
                fmt::format("{} of {} waits for a yes or no", each.kind, each.target),
                fmt::format("phantom actions approve {}", each.number),
                true,
            });
        } else if (each.wants_confirmation) {
            needs.push_back({
                fmt::format("action {} is taken back unless confirmed", each.number),
                fmt::format("phantom confirm {}", each.number),
                true,
            });
        } else if (each.state == "stuck") {
            needs.push_back({
                fmt::format("action {} ({}) could not be taken back", each.number, each.kind),
                fmt::format("phantom undo {}", each.number),
                true,
            });
        }
    }
    for (const json::value& run : list_at(runs, "runs")) {
        if (!run.is_object()) {
            continue;
        }
        for (const json::value& each : list_at(run.get_object(), "waiting")) {
            // One that is commanded to be manual waits for a person; another one for a program.
            if (each.is_object() && text_at(each.get_object(), "type") == "manual") {
                const std::uint64_t number = count_at(run.get_object(), "run");
                const std::uint64_t step = count_at(each.get_object(), "step");
                needs.push_back({
                    fmt::format(
                        "playbook {}: {}", text_at(run.get_object(), "name"),
                        text_at(each.get_object(), "command")
                    ),
                    fmt::format("phantom playbook done {} {}", number, step),
                    true,
                });
            }
        }
    }
}

void add_untaken(const Snapshot& snapshot, std::vector<Need>& needs) {
    for (const Alert& each : snapshot.alerts) {
        if (each.is_open()) {
            needs.push_back({
                fmt::format("{} alert {}: {}", each.priority, each.number, each.what),
                fmt::format("phantom ack {}", each.number),
                each.priority == "P1" || each.priority == "P2",
            });
        }
    }
}

void add_sick(const Snapshot& snapshot, const json::object& defence, std::vector<Need>& needs) {
    const json::object& telling = object_at(defence, "telling");
    if (const std::uint64_t dead = count_at(telling, "dead_letters"); dead != 0) {
        needs.push_back(
            {dead == 1 ? "1 message could not be delivered"
                       : fmt::format("{} messages could not be delivered", dead),
             "phantom alerts", false}
        );
    }
    if (!text_at(defence, "settings_problem").empty()) {
        needs.push_back({"handling.json is wrong", "phantom defence", false});
    }
    const auto agreeing = std::ranges::count_if(snapshot.peers, [](const Peer& each) {
        return each.is_online() && !each.is_imported && !each.is_post_quantum;
    });
    if (agreeing != 0) {
        needs.push_back({
            fmt::format(
                "{} no post-quantum keys yet",
                agreeing == 1 ? "1 member has" : fmt::format("{} members have", agreeing)
            ),
            "phantom status",
            false,
        });
    }
}

void put_urgent_first(std::vector<Need>& needs) {
    std::vector<Need> rest;
    std::ranges::remove_copy_if(needs, std::back_inserter(rest), &Need::is_urgent);
    std::erase_if(needs, [](const Need& each) { return !each.is_urgent; });
    std::ranges::move(rest, std::back_inserter(needs));
}

}  // namespace

bool Incident::is_over() const {
    static constexpr std::array kOver{"closed", "false_positive", "merged"};
    return std::ranges::find(kOver, state) != kOver.end();
}

Snapshot read_snapshot(const Answers& answers) {
    Snapshot out;
    const json::object& self = object_at(answers.status, "self");
    out.name = text_at(self, "name");
    out.mesh = text_at(answers.status, "mesh");
    out.interface = text_at(self, "interface");
    out.is_ready = is_true(answers.status, "ready");
    out.holds_root = is_true(self, "holds_root");
    out.defence = text_at(answers.defence, "mode");
    out.packets_seen = count_at(answers.defence, "packets");
    out.packets_unseen = count_at(answers.defence, "packets_dropped");
    out.findings = count_at(answers.defence, "findings");
    out.peers = rows_of<Peer>(answers.status, "peers", read_peer);
    out.alerts = rows_of<Alert>(answers.alerts, "alerts", read_alert);
    std::ranges::sort(out.alerts, [](const Alert& a, const Alert& b) {
        return std::tuple(!a.is_open(), -a.risk_tenths, b.number) <
               std::tuple(!b.is_open(), -b.risk_tenths, a.number);
    });
    out.incidents = rows_of<Incident>(answers.incidents, "incidents", read_incident);
    std::ranges::sort(out.incidents, [](const Incident& a, const Incident& b) {
        return std::tuple(a.is_over(), b.number) < std::tuple(b.is_over(), a.number);
    });
    out.actions = rows_of<Action>(answers.actions, "actions", read_action);
    add_waiting(out, answers.playbook_status, out.needs);
    add_untaken(out, out.needs);
    add_sick(out, answers.defence, out.needs);
    put_urgent_first(out.needs);
    return out;
}

}  // namespace phantom::top
