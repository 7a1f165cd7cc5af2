#include "top/model.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace phantom::top {

namespace {

using terminal::Key;
using Kind = Key::Kind;

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char each) {
        return each >= 'A' && each <= 'Z' ? static_cast<char>(each + ('a' - 'A')) : each;
    });
    return out;
}

bool passes(const std::string& filter, std::initializer_list<std::string_view> fields) {
    return filter.empty() || std::ranges::any_of(fields, [&filter](std::string_view each) {
               return lower(each).find(filter) != std::string::npos;
           });
}

bool is_shown(const Model& model, Pane pane, std::size_t index) {
    const Snapshot& all = model.snapshot;
    switch (pane) {
        case Pane::kPeers: {
            const Peer& each = all.peers[index];
            return passes(model.filter, {each.name, each.address, each.path, each.way});
        }
        case Pane::kAlerts: {
            const Alert& each = all.alerts[index];
            return passes(
                model.filter,
                {each.subject, each.object, each.what, each.state, each.priority, each.technique}
            );
        }
        case Pane::kIncidents: {
            const Incident& each = all.incidents[index];
            return passes(model.filter, {each.subject, each.title, each.state});
        }
        case Pane::kActions: {
            const Action& each = all.actions[index];
            return passes(model.filter, {each.target, each.kind, each.state, each.reason});
        }
    }
    return false;
}

std::size_t count_of(const Model& model, Pane pane) {
    const std::array<std::size_t, kPaneCount> counts{
        model.snapshot.peers.size(),
        model.snapshot.alerts.size(),
        model.snapshot.incidents.size(),
        model.snapshot.actions.size(),
    };
    return counts[static_cast<std::size_t>(pane)];
}

double rate_of(const Model& model, const Peer& peer) {
    const auto found = model.traffic.find(peer.name);
    return found == model.traffic.end() ? 0 : found->second.in + found->second.out;
}

// Smaller is first. Numbers of which more matters more come negated.
double order_value(const Model& model, const Peer& peer) {
    constexpr double kNowhere = std::numeric_limits<double>::max();
    switch (model.order) {
        case PeerOrder::kName:
            return 0;
        case PeerOrder::kPath:
            return peer.path == "direct"  ? 0
                   : peer.path == "tcp"   ? 1
                   : peer.path == "relay" ? 2
                                          : 3;
        case PeerOrder::kRtt:
            return peer.rtt_ms.value_or(kNowhere);
        case PeerOrder::kLoss:
            return -peer.loss;
        case PeerOrder::kTraffic:
            return -rate_of(model, peer);
    }
    return 0;
}

void sort_peers(const Model& model, std::vector<std::size_t>& rows) {
    const std::vector<Peer>& peers = model.snapshot.peers;
    std::ranges::sort(rows, [&](std::size_t a, std::size_t b) {
        const double first = order_value(model, peers[a]);
        const double second = order_value(model, peers[b]);
        const bool before = first != second ? first < second : peers[a].name < peers[b].name;
        const bool same = first == second && peers[a].name == peers[b].name;
        return !same && (before != model.is_reversed);
    });
}

void remember(Traffic& traffic, double in, double out) {
    traffic.in = in;
    traffic.out = out;
    traffic.history.push_back(in + out);
    if (traffic.history.size() > kHistoryMax) {
        traffic.history.erase(traffic.history.begin());
    }
}

// A counter that is smaller than before has begun anew.
double growth(std::uint64_t before, std::uint64_t now, double seconds) {
    return now >= before ? static_cast<double>(now - before) / seconds : 0;
}

void measure(Model& model, const Snapshot& next, double seconds) {
    std::map<std::string_view, const Peer*> before;
    for (const Peer& each : model.snapshot.peers) {
        before.emplace(each.name, &each);
    }
    std::map<std::string, Traffic, std::less<>> traffic;  // of who is there
    double in = 0;
    double out = 0;
    for (const Peer& each : next.peers) {
        const auto known = model.traffic.find(each.name);
        Traffic& own = traffic[each.name];
        if (known != model.traffic.end()) {
            own = std::move(known->second);
        }
        if (const auto found = before.find(each.name); found != before.end()) {
            remember(
                own, growth(found->second->received_bytes, each.received_bytes, seconds),
                growth(found->second->sent_bytes, each.sent_bytes, seconds)
            );
        }
        in += own.in;
        out += own.out;
    }
    remember(model.total, in, out);
    model.traffic = std::move(traffic);
}

void clamp_selection(Model& model) {
    for (std::size_t pane = 0; pane < kPaneCount; ++pane) {
        const std::size_t count = rows_of(model, static_cast<Pane>(pane)).size();
        model.selected[pane] = std::min(model.selected[pane], count == 0 ? 0 : count - 1);
    }
}

void move(Model& model, std::ptrdiff_t by) {
    const auto pane = static_cast<std::size_t>(model.focus);
    const auto count = static_cast<std::ptrdiff_t>(rows_of(model, model.focus).size());
    const auto at = static_cast<std::ptrdiff_t>(model.selected[pane]);
    model.selected[pane] = static_cast<std::size_t>(
        std::clamp<std::ptrdiff_t>(at + by, 0, std::max<std::ptrdiff_t>(count - 1, 0))
    );
}

void turn_focus(Model& model, std::size_t by) {
    model.focus = static_cast<Pane>((static_cast<std::size_t>(model.focus) + by) % kPaneCount);
    model.overlay = Overlay::kNone;
}

void type(Model& model, const Key& key) {
    switch (key.kind) {
        case Kind::kEnter:
            model.is_typing = false;
            break;
        case Kind::kEscape:
            model.is_typing = false;
            model.filter.clear();
            break;
        case Kind::kBackspace:
            if (!model.filter.empty()) {
                model.filter.pop_back();
            }
            break;
        case Kind::kCharacter:
            if (key.character >= U' ' && key.character <= U'~' &&
                model.filter.size() < kFilterSizeMax) {
                model.filter += lower(std::string(1, static_cast<char>(key.character)));
            }
            break;
        default:
            break;
    }
    clamp_selection(model);
}

void press_letter(Model& model, char32_t letter) {
    switch (letter) {
        case U'j':
            move(model, 1);
            break;
        case U'k':
            move(model, -1);
            break;
        case U's':
            model.order = static_cast<PeerOrder>(
                (static_cast<std::size_t>(model.order) + 1) % kPeerOrderCount
            );
            break;
        case U'r':
            model.is_reversed = !model.is_reversed;
            break;
        case U'/':
            model.is_typing = true;
            model.overlay = Overlay::kNone;
            break;
        case U'p':
        case U' ':
            model.is_paused = !model.is_paused;
            break;
        case U'z':
            model.is_zoomed = !model.is_zoomed;
            break;
        case U'?':
        case U'h':
            model.overlay = model.overlay == Overlay::kHelp ? Overlay::kNone : Overlay::kHelp;
            break;
        case U'1':
        case U'2':
        case U'3':
        case U'4':
            model.focus = static_cast<Pane>(letter - U'1');
            model.overlay = Overlay::kNone;
            break;
        default:
            break;
    }
}

// The innermost thing that is open.
void leave(Model& model) {
    if (model.overlay != Overlay::kNone) {
        model.overlay = Overlay::kNone;
    } else if (!model.filter.empty()) {
        model.filter.clear();
    } else {
        model.is_zoomed = false;
    }
}

void press_other(Model& model, const Key& key, std::size_t page) {
    const auto rows = static_cast<std::ptrdiff_t>(std::max<std::size_t>(page, 1));
    constexpr std::ptrdiff_t kFar = static_cast<std::ptrdiff_t>(kRowsMax);
    switch (key.kind) {
        case Kind::kUp:
            move(model, -1);
            return;
        case Kind::kDown:
            move(model, 1);
            return;
        case Kind::kPageUp:
            move(model, -rows);
            return;
        case Kind::kPageDown:
            move(model, rows);
            return;
        case Kind::kHome:
            move(model, -kFar);
            return;
        case Kind::kEnd:
            move(model, kFar);
            return;
        case Kind::kTab:
        case Kind::kRight:
            turn_focus(model, 1);
            return;
        case Kind::kBackTab:
        case Kind::kLeft:
            turn_focus(model, kPaneCount - 1);
            return;
        case Kind::kEnter:
            model.overlay = model.overlay == Overlay::kNone ? Overlay::kDetail : Overlay::kNone;
            return;
        case Kind::kEscape:
            leave(model);
            return;
        case Kind::kCharacter:
            press_letter(model, key.character);
            return;
        default:
            return;
    }
}

}  // namespace

std::string_view name_of(PeerOrder order) {
    switch (order) {
        case PeerOrder::kName:
            return "name";
        case PeerOrder::kPath:
            return "path";
        case PeerOrder::kRtt:
            return "rtt";
        case PeerOrder::kLoss:
            return "loss";
        case PeerOrder::kTraffic:
            return "traffic";
    }
    return "";
}

void take(Model& model, Snapshot snapshot, Instant now) {
    model.problem.clear();
    if (model.is_paused) {
        return;
    }
    if (!model.taken.is_never() && now > model.taken) {
        measure(model, snapshot, std::chrono::duration<double>(now - model.taken).count());
    }
    model.snapshot = std::move(snapshot);
    model.taken = now;
    clamp_selection(model);
}

void lose(Model& model, std::string problem) {
    model.problem = std::move(problem);
}

Wish press(Model& model, const Key& key, std::size_t page) {
    if (key.kind == Kind::kInterrupt) {
        return Wish::kQuit;
    }
    if (key.kind == Kind::kSuspend) {
        return Wish::kSuspend;
    }
    if (key.kind == Kind::kRedraw) {
        return Wish::kRedraw;
    }
    if (model.is_typing) {
        type(model, key);
        return Wish::kStay;
    }
    if (key.kind == Kind::kCharacter && key.character == U'q') {
        return Wish::kQuit;
    }
    press_other(model, key, page);
    clamp_selection(model);
    return Wish::kStay;
}

std::vector<std::size_t> rows_of(const Model& model, Pane pane) {
    std::vector<std::size_t> rows;
    for (std::size_t index = 0; index < count_of(model, pane); ++index) {
        if (is_shown(model, pane, index)) {
            rows.push_back(index);
        }
    }
    if (pane == Pane::kPeers) {
        sort_peers(model, rows);
    }
    return rows;
}

}  // namespace phantom::top
