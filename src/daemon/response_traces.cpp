#include "daemon/response_traces.h"

#include <algorithm>

#include <fmt/format.h>

#include "crypto/sha256.h"

namespace phantom::daemon {

namespace {

using metrics::Attribute;
using metrics::Span;
using metrics::SpanId;
using metrics::TraceId;

std::int64_t number_value(std::uint64_t number) {
    return static_cast<std::int64_t>(number);
}

std::vector<Attribute> attributes_of(const respond::Alert& alert, const respond::Finding& finding) {
    return {
        {"phantommesh.alert", number_value(alert.number)},
        {"phantommesh.incident", number_value(alert.incident)},
        {"phantommesh.rule", alert.rule},
        {"phantommesh.priority", std::string(assess::name_of(alert.priority))},
        {"phantommesh.risk", static_cast<double>(alert.risk_tenths) / 10},
        {"phantommesh.confidence", alert.confidence},
        {"phantommesh.technique", alert.technique},
        {"phantommesh.text", finding.text},
        {"source.address", finding.subject.to_string()},
    };
}

}  // namespace

TraceId ResponseTraces::trace_of_alert(std::uint64_t number) const {
    std::array<std::uint8_t, 8> bytes{};
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        bytes[at] = static_cast<std::uint8_t>(number >> (8 * at));
    }
    const crypto::Hash hash = crypto::sha256({node_.bytes, bytes});
    TraceId trace;
    std::copy_n(hash.begin(), trace.bytes.size(), trace.bytes.begin());
    return trace;
}

SpanId ResponseTraces::root_of(const TraceId& trace) {
    const crypto::Hash hash = crypto::sha256({trace.bytes});
    SpanId root;
    std::copy_n(hash.begin(), root.bytes.size(), root.bytes.begin());
    return root;
}

SpanId ResponseTraces::new_span() {
    SpanId id;
    do {
        random_.fill(id.bytes);
    } while (id.is_none());
    return id;
}

std::uint64_t ResponseTraces::first_alert_of(const respond::Alert& alert) const {
    const auto& incidents = pipeline_.incidents().all();
    const auto found = incidents.find(alert.incident);
    if (found == incidents.end() || found->second.alerts.empty()) {
        return alert.number;
    }
    return *std::ranges::min_element(found->second.alerts);
}

TraceId ResponseTraces::trace_of(const respond::Alert& alert) const {
    return trace_of_alert(first_alert_of(alert));
}

TraceId ResponseTraces::trace_of(const incident::Incident& incident) const {
    return trace_of_alert(incident.alerts.empty() ? 0 : *std::ranges::min_element(incident.alerts));
}

void ResponseTraces::finding(
    const respond::Alert& alert, const respond::Finding& finding,
    std::span<const StageTimes::Lap> laps
) {
    if (queue_ == nullptr) {
        return;
    }
    const TraceId trace = trace_of(alert);
    const bool begins = alert.count == 1 && first_alert_of(alert) == alert.number;
    const std::int64_t to_wall_ns = wall_now().ns - monotonic_now().ns;
    Span whole{.trace = trace, .id = begins ? root_of(trace) : new_span(), .name = "finding"};
    whole.parent = begins ? SpanId{} : root_of(trace);
    whole.begin = finding.at;
    whole.end = wall_now();
    whole.outcome = Span::Outcome::kWell;
    whole.attributes = attributes_of(alert, finding);
    for (const StageTimes::Lap& lap : laps) {
        Span stage{.trace = trace, .id = new_span(), .parent = whole.id};
        stage.name = respond::kStageBudgets.at(static_cast<std::size_t>(lap.stage)).name;
        stage.begin = {lap.begin.ns + to_wall_ns};
        stage.end = {lap.end.ns + to_wall_ns};
        // The clocks are two: what the whole was made of lies within it.
        whole.begin = std::min(whole.begin, stage.begin);
        queue_->put(std::move(stage));
    }
    queue_->put(std::move(whole));
}

void ResponseTraces::look_at_deliveries(const AlertService& alerts) {
    const telling::Teller* const teller = alerts.teller();
    if (queue_ == nullptr || teller == nullptr) {
        return;
    }
    const courier::OutgoingCounters& counters = teller->counters();
    const std::uint64_t seen = counters.delivered_total + counters.dead_letters_total;
    if (seen == deliveries_seen_) {
        return;
    }
    deliveries_seen_ = seen;
    const WallTime since = deliveries_until_;
    alerts.visit_done(since, [&](std::uint64_t number, const telling::Told& told) {
        deliveries_until_ = std::max(deliveries_until_, told.done_at);
        const auto found = pipeline_.alerts().all().find(number);
        if (found == pipeline_.alerts().all().end()) {
            return;
        }
        const TraceId trace = trace_of(found->second);
        Span span{.trace = trace, .id = new_span(), .parent = root_of(trace)};
        span.name = fmt::format("deliver {}", told.channel);
        span.kind = Span::Kind::kClient;
        span.begin = told.put_at;
        span.end = told.done_at;
        span.outcome = told.state == telling::Told::State::kDelivered ? Span::Outcome::kWell
                                                                      : Span::Outcome::kFailed;
        span.attributes = {
            {"phantommesh.alert", number_value(number)},
            {"phantommesh.receiver", told.receiver},
            {"phantommesh.destination", told.destination},
            {"phantommesh.attempts", number_value(told.attempts)},
        };
        queue_->put(std::move(span));
    });
}

void ResponseTraces::about(
    const incident::Incident& incident, std::string name, WallTime begin,
    std::vector<Attribute> attributes
) {
    if (queue_ == nullptr) {
        return;
    }
    const TraceId trace = trace_of(incident);
    Span span{.trace = trace, .id = new_span(), .parent = root_of(trace), .name = std::move(name)};
    span.begin = begin;
    span.end = wall_now();
    span.outcome = Span::Outcome::kWell;
    span.attributes = std::move(attributes);
    span.attributes.push_back({"phantommesh.incident", number_value(incident.number)});
    span.attributes.push_back({"phantommesh.state", std::string(incident::name_of(incident.state))}
    );
    queue_->put(std::move(span));
}

void ResponseTraces::question(
    const metrics::TraceParent& parent, std::string_view verb, WallTime begin, bool is_well
) {
    if (queue_ == nullptr || !parent.is_sampled) {
        return;
    }
    Span span{.trace = parent.trace, .id = new_span(), .parent = parent.span};
    span.name = verb;
    span.kind = Span::Kind::kServer;
    span.begin = begin;
    span.end = wall_now();
    span.outcome = is_well ? Span::Outcome::kWell : Span::Outcome::kFailed;
    queue_->put(std::move(span));
}

}  // namespace phantom::daemon
