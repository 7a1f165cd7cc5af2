#include "top/pane.h"

#include <algorithm>

#include <fmt/format.h>

#include "terminal/sparkline.h"
#include "top/styles.h"
#include "top/words.h"

namespace phantom::top {

namespace {

using terminal::Colour;
using terminal::Style;

constexpr int kBarsMax = 120;
constexpr int kBarsLeast = 8;
// Below this a line that is hardly used would look busy.
constexpr double kFullBarLeast = 10'000;
constexpr double kLossBad = 0.1;
constexpr double kLossSome = 0.01;
constexpr int kRiskHigh = 70;
constexpr int kRiskSome = 40;

Style risk_style(int tenths) {
    return tenths >= kRiskHigh ? kBad : tenths >= kRiskSome ? kFair : kPlain;
}

Word path_word(const Peer& peer) {
    if (!peer.is_online()) {
        return {"offline", kBad};
    }
    return {peer.path, peer.path == "direct" ? kGood : kFair};
}

Word keys_word(const Peer& peer) {
    if (peer.is_imported) {
        return {"WireGuard", kFair};
    }
    if (peer.is_post_quantum) {
        return {"post-quantum", kGood};
    }
    return peer.is_online() ? Word{"agreeing", kFair} : Word{"-", kQuiet};
}

Word loss_word(const Peer& peer) {
    if (!peer.is_online()) {
        return {"-", kQuiet};
    }
    const Style style = peer.loss >= kLossBad ? kBad : peer.loss >= kLossSome ? kFair : kPlain;
    return {fmt::format("{:.0f} %", peer.loss * 100), style};
}

Word bars_word(const Traffic& traffic, bool unicode) {
    double most = kFullBarLeast;
    const auto& history = traffic.history;
    const std::size_t shown = std::min<std::size_t>(history.size(), kBarsMax);
    for (std::size_t index = history.size() - shown; index < history.size(); ++index) {
        most = std::max(most, history[index]);
    }
    return {terminal::sparkline(history, kBarsMax, most, unicode), {.colour = Colour::kCyan}};
}

Row peer_row(const Model& model, const Peer& peer, bool unicode) {
    const auto found = model.traffic.find(peer.name);
    const Traffic traffic = found == model.traffic.end() ? Traffic{} : found->second;
    const bool online = peer.is_online();
    return {
        {peer.name, online ? kStrong : kQuiet},
        path_word(peer),
        peer.rtt_ms ? Word{rtt_text(*peer.rtt_ms), kPlain} : Word{"-", kQuiet},
        loss_word(peer),
        keys_word(peer),
        {rate_text(traffic.in), traffic.in < 1 ? kQuiet : kPlain},
        {rate_text(traffic.out), traffic.out < 1 ? kQuiet : kPlain},
        bars_word(traffic, unicode),
        {peer.way.empty() ? "-" : peer.way, kQuiet},
    };
}

Table peer_table() {
    return {
        .columns =
            {
                {.title = "NAME", .least = 8},
                {.title = "PATH", .least = 7},
                {.title = "RTT", .rank = 2, .is_right = true, .least = 7},
                {.title = "LOSS", .rank = 4, .is_right = true, .least = 5},
                {.title = "KEYS", .rank = 3, .least = 12},
                {.title = "IN", .rank = 5, .is_right = true, .least = 8},
                {.title = "OUT", .rank = 6, .is_right = true, .least = 8},
                {.title = "TRAFFIC", .rank = 7, .is_right = true, .grows = true, .least = kBarsLeast
                },
                {.title = "BY WAY OF", .rank = 8},
            },
        .rows = {},
    };
}

Row alert_row(const Alert& alert) {
    return {
        {std::to_string(alert.number), kPlain},
        {alert.priority, risk_style(alert.risk_tenths)},
        {tenths_text(alert.risk_tenths), risk_style(alert.risk_tenths)},
        {alert.state, alert.is_open() ? kBad : kQuiet},
        {clock_text(alert.last), kQuiet},
        {std::to_string(alert.count), kPlain},
        {alert.subject, kStrong},
        {alert.action == 0 ? "-" : std::to_string(alert.action), kPlain},
        {alert.what, kPlain},
    };
}

Table alert_table() {
    return {
        .columns =
            {
                {.title = "NO", .is_right = true, .least = 3},
                {.title = "PRIO"},
                {.title = "RISK", .rank = 3, .is_right = true},
                {.title = "STATE", .rank = 1, .least = 6},
                {.title = "LAST", .rank = 5, .least = 8},
                {.title = "TIMES", .rank = 6, .is_right = true},
                {.title = "WHO", .least = 8},
                {.title = "ACTION", .rank = 4, .is_right = true},
                {.title = "WHAT", .grows = true, .least = 12},
            },
        .rows = {},
    };
}

Row incident_row(const Incident& incident) {
    return {
        {std::to_string(incident.number), kPlain},
        {fmt::format("P{}", incident.priority), risk_style(incident.risk_tenths)},
        {tenths_text(incident.risk_tenths), risk_style(incident.risk_tenths)},
        {incident.state, incident.is_over() ? kQuiet : kFair},
        {clock_text(incident.opened), kQuiet},
        {std::to_string(incident.alerts), kPlain},
        {incident.subject, kStrong},
        {incident.title, kPlain},
    };
}

Table incident_table() {
    return {
        .columns =
            {
                {.title = "NO", .is_right = true, .least = 3},
                {.title = "PRIO"},
                {.title = "RISK", .rank = 3, .is_right = true},
                {.title = "STATE", .rank = 1, .least = 11},
                {.title = "OPENED", .rank = 5, .least = 8},
                {.title = "ALERTS", .rank = 6, .is_right = true},
                {.title = "WHO", .rank = 2, .least = 8},
                {.title = "WHAT", .grows = true, .least = 12},
            },
        .rows = {},
    };
}

Row action_row(const Action& action) {
    const bool waits = action.state == "proposed" || action.wants_confirmation;
    std::string left = span_text(action.remaining_s);
    left += action.renews ? ", renews" : action.wants_confirmation ? ", unless confirmed" : "";
    return {
        {std::to_string(action.number), kPlain},
        {action.state, waits || action.state == "stuck" ? kBad : kGood},
        {action.kind, kPlain},
        {action.target, kStrong},
        {left, kPlain},
        {action.reason, kPlain},
    };
}

Table action_table() {
    return {
        .columns =
            {
                {.title = "NO", .is_right = true, .least = 3},
                {.title = "STATE", .rank = 1, .least = 8},
                {.title = "KIND", .least = 8},
                {.title = "TARGET", .least = 8},
                {.title = "LEFT", .rank = 2, .least = 6},
                {.title = "REASON", .rank = 3, .grows = true, .least = 12},
            },
        .rows = {},
    };
}

using Lines = std::vector<std::pair<std::string, std::string>>;

Lines lines_of(const Peer& peer) {
    return {
        {"address", peer.address},
        {"id", peer.id},
        {"path", peer.is_online() ? peer.path + ", " + peer.way : "offline"},
        {"state", peer.state},
        {"keys",
         keys_word(peer).text + (peer.keys_since.empty() ? "" : ", since " + peer.keys_since)},
        {"certificate", peer.expires.empty() ? "" : "until " + peer.expires},
        {"received", fmt::format("{:.1f} MB", static_cast<double>(peer.received_bytes) / 1e6)},
        {"sent", fmt::format("{:.1f} MB", static_cast<double>(peer.sent_bytes) / 1e6)},
        {"next", fmt::format("phantom ping {}", peer.name)},
    };
}

Lines lines_of(const Alert& alert) {
    return {
        {"what", alert.what},
        {"who", alert.subject},
        {"against", alert.object},
        {"risk", fmt::format("{} of 10, {}", tenths_text(alert.risk_tenths), alert.priority)},
        {"confidence", fmt::format("{:.2f}", alert.confidence)},
        {"rule", alert.technique.empty() ? alert.rule : alert.rule + ", " + alert.technique},
        {"seen", fmt::format("{} times, last {}", alert.count, alert.last)},
        {"judged", alert.assessment},
        {"incident", alert.incident == 0 ? "" : std::to_string(alert.incident)},
        {"next", fmt::format("phantom ack {0}; phantom alerts {0}", alert.number)},
    };
}

Lines lines_of(const Incident& incident) {
    return {
        {"what", incident.title},
        {"who", incident.subject},
        {"state", incident.state},
        {"risk", fmt::format("{} of 10, P{}", tenths_text(incident.risk_tenths), incident.priority)
        },
        {"opened", incident.opened},
        {"alerts", std::to_string(incident.alerts)},
        {"actions", std::to_string(incident.actions)},
        {"next", fmt::format("phantom incidents {0}; phantom evidence {0}", incident.number)},
    };
}

Lines lines_of(const Action& action) {
    return {
        {"kind", action.kind},
        {"target", action.target},
        {"state", action.state},
        {"until", action.until},
        {"reason", action.reason},
        {"effect", action.effect},
        {"next",
         action.state == "proposed"
             ? fmt::format("phantom actions approve {0}; phantom actions deny {0}", action.number)
             : fmt::format("phantom undo {}", action.number)},
    };
}

}  // namespace

std::string_view name_of(Pane pane) {
    switch (pane) {
        case Pane::kPeers:
            return "Peers";
        case Pane::kAlerts:
            return "Alerts";
        case Pane::kIncidents:
            return "Incidents";
        case Pane::kActions:
            return "Actions";
    }
    return "";
}

std::string empty_text(const Model& model, Pane pane) {
    if (!model.filter.empty()) {
        return fmt::format("none has '{}'", model.filter);
    }
    switch (pane) {
        case Pane::kPeers:
            return "nobody yet: 'phantom token create' prints an invitation";
        case Pane::kAlerts:
            return model.snapshot.defence == "off" ? "nobody looks: 'phantom defence watch' does"
                                                   : "nothing was found";
        case Pane::kIncidents:
            return "none";
        case Pane::kActions:
            return "nothing is done against anybody";
    }
    return "";
}

std::string remark(const Model& model, Pane pane) {
    const Snapshot& all = model.snapshot;
    const auto count_text = [](std::size_t count, const char* what) {
        return count == 0 ? std::string() : fmt::format("{} {}", count, what);
    };
    switch (pane) {
        case Pane::kPeers: {
            const auto online = std::ranges::count_if(all.peers, &Peer::is_online);
            std::string text = fmt::format(
                "{} of {} online, by {}", online, all.peers.size(), name_of(model.order)
            );
            text += model.is_reversed ? ", reversed" : "";
            return text;
        }
        case Pane::kAlerts:
            return count_text(
                static_cast<std::size_t>(std::ranges::count_if(all.alerts, &Alert::is_open)),
                "that nobody has taken"
            );
        case Pane::kIncidents:
            return count_text(
                static_cast<std::size_t>(std::ranges::count_if(
                    all.incidents, [](const Incident& each) { return !each.is_over(); }
                )),
                "open"
            );
        case Pane::kActions:
            return count_text(all.actions.size(), "in force or waiting");
    }
    return "";
}

Table table_of(const Model& model, Pane pane, bool unicode) {
    const Snapshot& all = model.snapshot;
    Table table = pane == Pane::kPeers       ? peer_table()
                  : pane == Pane::kAlerts    ? alert_table()
                  : pane == Pane::kIncidents ? incident_table()
                                             : action_table();
    for (const std::size_t index : rows_of(model, pane)) {
        table.rows.push_back(
            pane == Pane::kPeers       ? peer_row(model, all.peers[index], unicode)
            : pane == Pane::kAlerts    ? alert_row(all.alerts[index])
            : pane == Pane::kIncidents ? incident_row(all.incidents[index])
                                       : action_row(all.actions[index])
        );
    }
    if (pane == model.focus) {
        table.selected = model.selected[static_cast<std::size_t>(pane)];
    }
    return table;
}

Detail detail_of(const Model& model) {
    const std::vector<std::size_t> rows = rows_of(model, model.focus);
    if (rows.empty()) {
        return {std::string(name_of(model.focus)), {{"", empty_text(model, model.focus)}}};
    }
    const std::size_t index = rows[model.selected[static_cast<std::size_t>(model.focus)]];
    const Snapshot& all = model.snapshot;
    Detail detail;
    switch (model.focus) {
        case Pane::kPeers:
            detail = {all.peers[index].name, lines_of(all.peers[index])};
            break;
        case Pane::kAlerts:
            detail = {
                fmt::format("Alert {}", all.alerts[index].number), lines_of(all.alerts[index])
            };
            break;
        case Pane::kIncidents:
            detail = {
                fmt::format("Incident {}", all.incidents[index].number),
                lines_of(all.incidents[index])
            };
            break;
        case Pane::kActions:
            detail = {
                fmt::format("Action {}", all.actions[index].number), lines_of(all.actions[index])
            };
            break;
    }
    std::erase_if(detail.lines, [](const auto& line) { return line.second.empty(); });
    return detail;
}

}  // namespace phantom::top
