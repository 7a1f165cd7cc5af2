// The defence's part of /metrics: what is looked at, found, judged, told and done.

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "daemon/metrics_service.h"
#include "incident/incident.h"
#include "metrics/families.h"

namespace phantom::daemon {

namespace {

using metrics::family;

constexpr std::array kPriorities{
    assess::Priority::kP1, assess::Priority::kP2, assess::Priority::kP3, assess::Priority::kP4,
    assess::Priority::kP5
};
constexpr std::array kAlertStates{
    respond::Alert::State::kFiring, respond::Alert::State::kAcknowledged,
    respond::Alert::State::kResolved
};
constexpr std::array kAllExecutors{remedy::Executor::kFirewall,  remedy::Executor::kIsolation,
                                   remedy::Executor::kRateLimit, remedy::Executor::kTunnel,
                                   remedy::Executor::kRoute,     remedy::Executor::kCredential};

double seconds_of_span(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

}  // namespace

void MetricsService::write_detection(metrics::Writer& page) const {
    page.write(family("phantommesh_tap_dropped_packets"), at_.tunnel.tap_dropped());
    page.begin(family("phantommesh_detection_mode"));
    const auto mode = static_cast<std::size_t>(at_.defence.mode());
    for (std::size_t each = 0; each < DefenceService::kModeNames.size(); ++each) {
        page.add({DefenceService::kModeNames[each]}, each == mode);
    }
    page.begin(family("phantommesh_detection_judged_findings"));
    for (const auto& [engine, count] : at_.defence.counters().judged) {
        page.add({engine}, count);
    }
    const auto watched = at_.defence.watched();
    if (!watched) {
        return;
    }
    page.write(family("phantommesh_tap_packets"), watched->packets);
    page.write(family("phantommesh_detection_findings"), watched->findings);
    page.begin(family("phantommesh_detection_shed_findings"));
    page.add({"urgent"}, watched->urgent_findings_dropped);
    page.add({"other"}, watched->findings_dropped);
    page.write(family("phantommesh_detection_rules"), watched->rules);
    page.write(family("phantommesh_detection_unusable_rules"), watched->rules_unusable);
}

void MetricsService::write_knowledge(metrics::Writer& page) const {
    const std::vector<FeedService::Count> feeds = at_.feeds.counts();
    page.write(family("phantommesh_intel_feeds"), feeds.size());
    page.begin(family("phantommesh_intel_entries"));
    for (const FeedService::Count& each : feeds) {
        page.add({each.name}, each.entries);
    }
    page.begin(family("phantommesh_intel_fetched_timestamp_seconds"));
    for (const FeedService::Count& each : feeds) {
        if (each.is_fetched) {
            page.add({each.name}, static_cast<double>(each.checked.ns) / 1e9);
        }
    }
    page.begin(family("phantommesh_intel_failures"));
    for (const FeedService::Count& each : feeds) {
        if (each.is_fetched) {
            page.add({each.name}, each.failures);
        }
    }
    if (at_.intake.intake() == nullptr) {
        return;
    }
    const std::vector<intake::InputStatus> inputs = at_.intake.intake()->status();
    const auto each = [&](const metrics::Family& of, const auto& value_of) {
        page.begin(of);
        for (const intake::InputStatus& input : inputs) {
            page.add({input.name}, value_of(input));
        }
    };
    using Input = intake::InputStatus;
    each(family("phantommesh_intake_lines"), [](const Input& of) { return of.lines; });
    each(family("phantommesh_intake_sightings"), [](const Input& of) { return of.sightings; });
    each(family("phantommesh_intake_behind_bytes"), [](const Input& of) {
        return of.bytes_behind;
    });
    each(family("phantommesh_intake_trouble"), [](const Input& of) {
        return of.trouble.empty() ? 0 : 1;
    });
    page.write(family("phantommesh_intake_dropped_sightings"), at_.intake.sightings_dropped());
}

void MetricsService::write_response(metrics::Writer& page) const {
    const StageTimes& times = at_.defence.times();
    page.begin(family("phantommesh_response_stage_seconds"));
    for (std::size_t at = 0; at < respond::kStageCount; ++at) {
        page.add({respond::kStageBudgets[at].name}, times.of(static_cast<respond::Stage>(at)));
    }
    page.begin(family("phantommesh_response_stage_budget_seconds"));
    for (const respond::StageBudget& each : respond::kStageBudgets) {
        page.add({each.name}, seconds_of_span(each.p99));
    }
    page.write(family("phantommesh_response_finding_seconds"), times.findings());
    page.write(family("phantommesh_response_block_seconds"), times.blocks());
}

void MetricsService::write_alerts(metrics::Writer& page) const {
    const respond::Pipeline& pipeline = at_.defence.pipeline();
    std::map<std::pair<assess::Priority, respond::Alert::State>, std::size_t> counts;
    for (const auto& [number, alert] : pipeline.alerts().all()) {
        ++counts[{alert.priority, alert.state}];
    }
    page.begin(family("phantommesh_alerts_raised"));
    for (const assess::Priority priority : kPriorities) {
        page.add(
            {assess::name_of(priority)},
            at_.defence.counters().raised.at(static_cast<std::size_t>(priority) - 1)
        );
    }
    page.begin(family("phantommesh_alerts"));
    for (const assess::Priority priority : kPriorities) {
        for (const respond::Alert::State state : kAlertStates) {
            page.add(
                {assess::name_of(priority), respond::name_of(state)}, counts[{priority, state}]
            );
        }
    }
    page.write(family("phantommesh_alerts_let_go"), pipeline.alerts().dropped());
    page.write(family("phantommesh_incidents_opened"), pipeline.incidents().opened());
    std::array<std::size_t, static_cast<std::size_t>(incident::State::kCount)> incidents{};
    for (const auto& [number, incident] : pipeline.incidents().all()) {
        ++incidents.at(static_cast<std::size_t>(incident.state));
    }
    page.begin(family("phantommesh_incidents"));
    for (std::size_t at = 0; at < incidents.size(); ++at) {
        page.add({incident::name_of(static_cast<incident::State>(at))}, incidents[at]);
    }
    page.begin(family("phantommesh_evidence_collections"));
    page.add({"sealed"}, at_.handling.counters().sealed);
    page.add({"failed"}, at_.handling.counters().failed);
}

void MetricsService::write_actions(metrics::Writer& page) const {
    const DefenceActions::Counters& counters = at_.defence.actions().counters();
    const auto place = [](remedy::Executor executor) { return static_cast<std::size_t>(executor); };
    page.begin(family("phantommesh_actions_taken"));
    for (const remedy::Executor each : kAllExecutors) {
        page.add({remedy::name_of(each)}, counters.taken.at(place(each)));
    }
    page.write(family("phantommesh_actions_refused"), counters.refused);
    page.begin(family("phantommesh_actions_ended"));
    page.add({"time"}, counters.run_out);
    page.add({"taken_back"}, counters.taken_back);
    std::array<std::size_t, remedy::kExecutorCount + 1> in_force{};
    std::size_t proposed = 0;
    at_.remedy.visit([&](const remedy::Action& action) {
        in_force.at(place(action.target.executor)) += action.holds() ? 1 : 0;
        proposed += action.is_proposed() ? 1 : 0;
    });
    page.begin(family("phantommesh_actions_in_force"));
    for (const remedy::Executor each : kAllExecutors) {
        page.add({remedy::name_of(each)}, in_force.at(place(each)));
    }
    page.write(family("phantommesh_actions_proposed"), proposed);
    page.write(family("phantommesh_reports_kept"), at_.defence.peer_reports().size());
    page.write(family("phantommesh_reports_refused"), at_.defence.peer_reports().refused());
}

void MetricsService::write_channels(metrics::Writer& page) const {
    const AlertService& alerts = at_.defence.alerts();
    const telling::Teller* const teller = alerts.teller();
    const courier::OutgoingCounters counters =
        teller == nullptr ? courier::OutgoingCounters{} : teller->counters();
    page.begin(family("phantommesh_delivery_outcomes"));
    page.add({"delivered"}, counters.delivered_total);
    page.add({"retried"}, counters.retries_total);
    page.add({"dead_letter"}, counters.dead_letters_total);
    page.add({"shed"}, counters.shed_total);
    page.write(
        family("phantommesh_deliveries_pending"), teller == nullptr ? 0 : teller->pending_count()
    );
    std::size_t channels = 0;
    std::map<std::pair<std::string, telling::Told::State>, std::size_t> told;
    if (teller != nullptr) {
        for (const auto& [name, receiver] : teller->receivers()) {
            channels += receiver.channels.size();
        }
        for (const telling::Told* each : teller->told().all()) {
            ++told[{fmt::format("{}/{}", each->receiver, each->channel), each->state}];
        }
    }
    page.write(family("phantommesh_channels"), channels);
    page.begin(family("phantommesh_channel_deliveries"));
    for (const auto& [key, count] : told) {
        page.add({key.first, telling::name_of(key.second)}, count);
    }
    page.write(family("phantommesh_alert_config_good"), alerts.config_is_good());
}

}  // namespace phantom::daemon
