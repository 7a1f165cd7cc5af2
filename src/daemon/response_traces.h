#pragma once

// One attack as one trace: what was seen, each stage of the judgement, what was done, who was told, evidence, incident,
// post-mortem. The names of a trace follow from the node and the number of the first alert of an incident, so that they are
// the same after a restart, and known of alerts that nobody traced. Spans are made only while somebody wants them.
//
// Thread: control.

#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "daemon/alert_service.h"
#include "daemon/stage_times.h"
#include "identity/types.h"
#include "metrics/span.h"
#include "respond/pipeline.h"

namespace phantom::daemon {

class ResponseTraces {
  public:
    // Both outlive it.
    ResponseTraces(const respond::Pipeline& pipeline, Random& random)
        : pipeline_(pipeline), random_(random) {}

    void set_node(const identity::NodeId& node) { node_ = node; }
    // Null: nobody wants spans. It outlives this, or is taken back.
    void send_to(metrics::SpanQueue* queue) { queue_ = queue; }
    [[nodiscard]] bool is_on() const { return queue_ != nullptr; }

    // That of the incident, where the alert is part of one.
    [[nodiscard]] metrics::TraceId trace_of(const respond::Alert& alert) const;
    [[nodiscard]] metrics::TraceId trace_of(const incident::Incident& incident) const;

    // A finding was dealt with, in these laps. The first of an alert begins its trace, or is a part of its incident's.
    void finding(
        const respond::Alert& alert, const respond::Finding& finding,
        std::span<const StageTimes::Lap> laps
    );
    // Deliveries that have come to their end since the last call.
    void look_at_deliveries(const AlertService& alerts);
    // Something about the incident that took from `begin` until now.
    void about(
        const incident::Incident& incident, std::string name, WallTime begin,
        std::vector<metrics::Attribute> attributes = {}
    );
    // What somebody asked the node, who traces it himself.
    void question(
        const metrics::TraceParent& parent, std::string_view verb, WallTime begin, bool is_well
    );

  private:
    [[nodiscard]] metrics::TraceId trace_of_alert(std::uint64_t number) const;
    // Of the span that begins it.
    [[nodiscard]] static metrics::SpanId root_of(const metrics::TraceId& trace);
    [[nodiscard]] metrics::SpanId new_span();
    [[nodiscard]] std::uint64_t first_alert_of(const respond::Alert& alert) const;

    const respond::Pipeline& pipeline_;
    Random& random_;
    identity::NodeId node_;
    metrics::SpanQueue* queue_ = nullptr;
    std::uint64_t deliveries_seen_ = 0;
    WallTime deliveries_until_;
};

}  // namespace phantom::daemon
