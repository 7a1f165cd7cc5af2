#pragma once

// The node looks at what its members send each other, judges it, tells, and where it was asked to, acts:
// the watcher's findings go through respond::Pipeline, what it wishes through RemedyService, what has
// become of it into incidents on the disk. Thread: control.

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include <boost/json.hpp>

#include "daemon/alert_service.h"
#include "daemon/audit_service.h"
#include "daemon/defence_actions.h"
#include "daemon/detection_log.h"
#include "daemon/flow_watch.h"
#include "daemon/incident_store.h"
#include "daemon/mesh_node.h"
#include "daemon/remedy_service.h"
#include "daemon/response_traces.h"
#include "daemon/rule_service.h"
#include "daemon/stage_times.h"
#include "daemon/watcher.h"
#include "respond/peer_reports.h"
#include "respond/pipeline.h"

namespace phantom::daemon {

class DefenceService {
  public:
    enum class Mode : std::uint8_t {
        kOff,
        kWatch,  // alerts and incidents
        kAct,    // and who attacks is acted against for a while
    };

    // All outlive it.
    struct Neighbours {
        MeshNode& node;
        dataplane::Tunnel& tunnel;
        RemedyService& remedy;
        AuditService& audit;
        const intel::SnapshotBox& feeds;
        io::EventLoop& loop;
        Random& random;
    };
    explicit DefenceService(const Neighbours& neighbours);
    ~DefenceService();
    DefenceService(const DefenceService&) = delete;
    DefenceService& operator=(const DefenceService&) = delete;

    // In the mode it was left in; the log says what cannot be.
    void start();
    void tick();
    // Of somebody who looks elsewhere than the watcher. Switched off, nobody listens.
    void report(const respond::Finding& finding);
    // The files that say who is told, and those with rules.
    void reload() {
        alerts_.reload();
        rules_.reload();
    }
    void set_ack_base(const std::string& base) { alerts_.set_ack_base(base); }
    // By which executor is acted, and whom that is asked of. `problem`: what is wrong with the file; empty: nothing.
    void set_policy(const respond::ResponsePolicy& policy, std::string problem);
    // When tick() has something to tell.
    [[nodiscard]] WallTime next_due() const { return alerts_.next_due(); }
    // For who handles incidents (handling_service.h). What was changed there is written with touch().
    [[nodiscard]] respond::Pipeline& pipeline() { return pipeline_; }
    void touch(std::uint64_t incident) { changed_.insert(incident); }
    void save() { save_changed(); }
    // Incidents that were opened, or that an alert has joined or made worse, since the last call.
    [[nodiscard]] std::set<std::uint64_t> take_grown() { return std::exchange(grown_, {}); }
    void grew(std::uint64_t incident) {
        touch(incident);
        grown_.insert(incident);
    }
    // An action that is in force was taken for an incident (by its playbook): it is one of its actions.
    void adopt(std::uint64_t incident, std::uint64_t action);
    // The incident with its alerts; the node's versions and settings.
    [[nodiscard]] boost::json::object events_of(std::uint64_t incident) const;
    [[nodiscard]] boost::json::object configuration();
    [[nodiscard]] std::vector<std::string> rule_files() const;
    // Where packets are kept for evidence; before start().
    void keep_packets(std::shared_ptr<PacketBox> packets) {
        packets_ = std::move(packets);
        remedy_.look_into(packets_);
    }

    // Flows as the watcher sees them; none while it is off.
    [[nodiscard]] const std::shared_ptr<FlowBox>& flows() const { return flows_; }
    [[nodiscard]] const DetectionLog& detections() const { return detections_; }
    // Since the start, for /metrics.
    struct Counters {
        std::array<std::uint64_t, respond::kPriorityCount> raised{};  // P1 first
        // "behaviour" of "behaviour:port-scan"; kEnginesMax, then none.
        std::map<std::string, std::uint64_t, std::less<>> judged;
    };
    static constexpr std::size_t kEnginesMax = 32;
    [[nodiscard]] const Counters& counters() const { return counters_; }
    [[nodiscard]] ResponseTraces& traces() { return traces_; }
    [[nodiscard]] StageTimes& times() { return times_; }
    [[nodiscard]] const StageTimes& times() const { return times_; }
    // None: nobody looks at packets.
    [[nodiscard]] std::optional<Watcher::Counters> watched() const {
        return watcher_ == nullptr ? std::nullopt : std::optional(watcher_->counters());
    }
    [[nodiscard]] const respond::Pipeline& pipeline() const { return pipeline_; }
    [[nodiscard]] const AlertService& alerts() const { return alerts_; }
    [[nodiscard]] const DefenceActions& actions() const { return actions_; }
    [[nodiscard]] const respond::PeerReports& peer_reports() const { return peer_reports_; }
    [[nodiscard]] Mode mode() const { return mode_; }
    static constexpr std::array<std::string_view, 3> kModeNames{"off", "watch", "act"};

    [[nodiscard]] static bool is_verb(std::string_view verb);
    [[nodiscard]] boost::json::object answer(const boost::json::object& request);

  private:
    static constexpr const char* kModeFile = "defence";  // of the state directory

    void set_mode(Mode mode);
    void take_findings(WallTime now);
    void handle(const respond::Finding& finding);
    // One that was seen in packets a moment ago, on this machine's clock.
    void handle_in_time(const respond::Finding& finding);
    void count(const respond::Finding& finding);
    void act_and_tell(
        const respond::Outcome& outcome, const respond::Alert& alert,
        const respond::Finding& finding
    );
    void note_alert(const respond::Alert& alert, std::uint64_t incident);
    void follow_actions(WallTime now);
    void look_at_members();
    void tell_members();
    void hear_members(WallTime now);
    void save_changed();

    // defence_api.cpp
    [[nodiscard]] boost::json::object defence(const boost::json::object& request);
    [[nodiscard]] boost::json::object list_alerts(const boost::json::object& request) const;
    [[nodiscard]] boost::json::object acknowledge(const boost::json::object& request);
    [[nodiscard]] boost::json::object list_incidents(const boost::json::object& request);
    [[nodiscard]] boost::json::object close(const boost::json::object& request);

    MeshNode& node_;
    dataplane::Tunnel& tunnel_;
    RemedyService& remedy_;
    AuditService& audit_;
    const intel::SnapshotBox& feeds_;
    io::EventLoop& loop_;
    Random& random_;
    io::WakeUp told_;
    std::shared_ptr<PacketBox> packets_ = std::make_shared<PacketBox>();
    std::shared_ptr<FlowBox> flows_;
    DetectionLog detections_;
    IncidentStore files_;
    StageTimes times_;
    Counters counters_;
    respond::Pipeline pipeline_;
    ResponseTraces traces_;
    AlertService alerts_;
    DefenceActions actions_;
    std::string settings_problem_;
    RuleService rules_;
    std::unique_ptr<Watcher> watcher_;
    std::vector<respond::Finding> findings_;
    std::size_t next_finding_ = 0;
    respond::PeerReports peer_reports_;
    Mode mode_ = Mode::kOff;
    std::set<std::uint64_t> grown_;
    std::set<std::uint64_t> changed_;  // incidents that the disk does not have so yet
    bool is_urgent_ = false;           // one of them was opened, or acted on
    Instant next_look_;
    Instant next_members_;
};

}  // namespace phantom::daemon
