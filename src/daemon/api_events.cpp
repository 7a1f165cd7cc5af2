#include "daemon/api_events.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "daemon/alert_record.h"
#include "incident/record.h"
#include "wire/carried.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

template <class... Values>
std::uint64_t print_of(const Values&... values) {
    constexpr std::uint64_t kMultiplier = 0x9e37'79b9'7f4a'7c15;
    std::uint64_t print = 0;
    ((print = (print ^ std::hash<Values>()(values)) * kMultiplier), ...);
    return print;
}

enum class News : std::uint8_t { kNone, kNew, kChanged };

template <class Key>
News note(std::map<Key, std::uint64_t>& prints, const Key& key, std::uint64_t print) {
    const auto [found, is_new] = prints.try_emplace(key, print);
    if (is_new) {
        return News::kNew;
    }
    return std::exchange(found->second, print) == print ? News::kNone : News::kChanged;
}

const char* path_of(const MeshNode::PeerView& peer) {
    if (!peer.linked) {
        return "none";
    }
    return wire::is_relay(peer.link->over)     ? "relay"
           : wire::is_carried(peer.link->over) ? "tcp"
                                               : "direct";
}

}  // namespace

void ApiEvents::add(const char* type, json::object data) {
    if (is_first_ || events_.size() >= api::kEventBatchMax) {
        return;
    }
    events_.push_back(
        {.type = type,
         .data = json::serialize(json::object{
             {"specversion", "1.0"},
             {"source", "/nodes/" + node_.mesh().self().certificate.name.text()},
             {"type", std::string("phantommesh.") + type},
             {"time", incident::time_text(wall_)},
             {"datacontenttype", "application/json"},
             {"data", std::move(data)},
         })}
    );
}

std::vector<api::Event> ApiEvents::look(Instant now, WallTime wall) {
    if (now < next_look_) {
        return {};
    }
    next_look_ = now + kEventsInterval;
    wall_ = wall;
    look_at_alerts();
    look_at_incidents();
    look_at_actions();
    look_at_detections();
    if (now >= next_peers_) {
        look_at_peers();
        const auto members = static_cast<std::int64_t>(peers_.size());
        next_peers_ = now + kEventsInterval + members * kEventsIntervalOfMember;
    }
    look_at_policy();
    is_first_ = false;
    return std::exchange(events_, {});
}

void ApiEvents::look_at_alerts() {
    const auto& all = defence_.pipeline().alerts().all();
    for (const auto& [number, alert] : all) {
        const News news = note(
            alerts_, number,
            print_of(
                static_cast<int>(alert.state), alert.count, alert.risk_tenths, alert.incident,
                alert.action
            )
        );
        if (news != News::kNone) {
            add(news == News::kNew ? "alert.raised" : "alert.changed", describe_alert(alert));
        }
    }
    std::erase_if(alerts_, [&](const auto& each) { return !all.contains(each.first); });
}

void ApiEvents::look_at_incidents() {
    const auto& all = defence_.pipeline().incidents().all();
    for (const auto& [number, incident] : all) {
        const News news = note(
            incidents_, number,
            print_of(
                static_cast<int>(incident.state), incident.risk_tenths, incident.alerts.size(),
                incident.actions.size(), incident.timeline.size(), incident.not_kept,
                incident.acknowledged.ns
            )
        );
        if (news == News::kNone) {
            continue;
        }
        json::object described = incident::to_json(incident);
        for (const char* field : {"timeline", "times_ns", "facts"}) {
            described.erase(field);
        }
        add(news == News::kNew ? "incident.opened" : "incident.changed", std::move(described));
    }
    std::erase_if(incidents_, [&](const auto& each) { return !all.contains(each.first); });
}

void ApiEvents::look_at_actions() {
    std::map<std::uint64_t, std::uint64_t> there;
    remedy_.visit([&](const remedy::Action& action) {
        const std::uint64_t number = action.id.number;
        const std::uint64_t print = print_of(static_cast<int>(action.state), action.ends.ns);
        there[number] = print;
        const News news = note(actions_, number, print);
        if (news != News::kNone) {
            add(news == News::kNew ? "action.begun" : "action.changed", remedy_.describe(action));
        }
    });
    for (const auto& [number, print] : actions_) {
        if (!there.contains(number)) {
            add("action.ended", {{"number", number}});
        }
    }
    actions_ = std::move(there);
}

void ApiEvents::look_at_detections() {
    const auto& all = defence_.detections().all();
    const std::uint64_t newest = all.empty() ? 0 : all.back().number;
    const std::size_t count = std::min<std::uint64_t>(
        {newest - std::min(newest, detections_told_), all.size(), kDetectionEventsMax}
    );
    for (auto each = all.end() - static_cast<std::ptrdiff_t>(count); each != all.end(); ++each) {
        add("detection.judged", describe_detection(*each));
    }
    detections_told_ = newest;
}

void ApiEvents::look_at_peers() {
    std::map<std::string, std::uint64_t> there;
    for (const MeshNode::PeerView& peer : node_.peers()) {
        const std::string name = peer.record->certificate.name.text();
        const std::string path = path_of(peer);
        const std::uint64_t print = print_of(path, peer.post_quantum);
        there[name] = print;
        const News news = note(peers_, name, print);
        if (news != News::kNone) {
            add(news == News::kNew ? "peer.added" : "peer.changed",
                {{"name", name}, {"path", path}, {"post_quantum", peer.post_quantum}});
        }
    }
    for (const auto& [name, print] : peers_) {
        if (!there.contains(name)) {
            add("peer.removed", {{"name", name}});
        }
    }
    peers_ = std::move(there);
}

void ApiEvents::look_at_policy() {
    const identity::PolicyRecord* record = node_.mesh().policy();
    const std::uint64_t sequence = record == nullptr ? 0 : record->sequence;
    if (std::exchange(policy_sequence_, sequence) != sequence) {
        add("policy.changed", {{"sequence", sequence}});
    }
}

}  // namespace phantom::daemon
