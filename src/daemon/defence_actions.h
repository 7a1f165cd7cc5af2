#pragma once

// The hands of the defence: takes what the pipeline wishes, asks where the owner wants to be asked, and tells the
// pipeline what has become of it. The harder of two actions against a subject takes the gentler one's place. Thread:
// control.

#include <array>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "daemon/alert_service.h"
#include "daemon/audit_service.h"
#include "daemon/mesh_node.h"
#include "daemon/remedy_service.h"
#include "respond/pipeline.h"

namespace phantom::daemon {

class DefenceActions {
  public:
    // All outlive it.
    struct Neighbours {
        MeshNode& node;
        RemedyService& remedy;
        AuditService& audit;
        respond::Pipeline& pipeline;
        AlertService& alerts;
    };
    explicit DefenceActions(const Neighbours& neighbours)
        : node_(neighbours.node),
          remedy_(neighbours.remedy),
          audit_(neighbours.audit),
          pipeline_(neighbours.pipeline),
          alerts_(neighbours.alerts) {}

    // Takes up what incidents and alerts from before the start say.
    void start();
    void set_policy(const respond::ResponsePolicy& policy);
    // True: something was done or asked.
    bool take(std::uint64_t alert, const respond::Wishes& wishes, WallTime now);
    // An action that is in force already is one of an incident's. False: one of them is none any more.
    bool adopt(std::uint64_t incident, std::uint64_t action, WallTime now);
    // What has ended or was answered since the last look: the incidents that were changed by it.
    [[nodiscard]] std::vector<std::uint64_t> follow(WallTime now);
    // Since the start.
    struct Counters {
        std::array<std::uint64_t, remedy::kExecutorCount + 1> taken{};  // by executor
        std::uint64_t refused = 0;
        std::uint64_t run_out = 0;
        std::uint64_t taken_back = 0;

        [[nodiscard]] std::uint64_t taken_in_all() const {
            return std::accumulate(taken.begin(), taken.end(), std::uint64_t{0});
        }
    };
    [[nodiscard]] const Counters& counters() const { return counters_; }
    // Against whom this node acts so that others should know.
    [[nodiscard]] std::vector<mesh::Reports::Report> reports() const;

  private:
    struct Asked {
        std::uint64_t alert = 0;
        respond::Pipeline::Taken taken;
    };

    [[nodiscard]] std::optional<remedy::Request> request_of(
        const respond::Wishes& wishes, const respond::Measure& measure
    ) const;
    [[nodiscard]] bool is_about(const remedy::Target& target, const wire::Address& subject) const;
    // The hardest action of this node's own accord that is in force; the hardest proposal, whoever made it.
    [[nodiscard]] const remedy::Action* action_against(const wire::Address& subject) const;
    [[nodiscard]] const remedy::Action* proposal_against(const wire::Address& subject) const;
    [[nodiscard]] respond::Pipeline::Taken describe(const remedy::Action& action) const;
    bool act(std::uint64_t alert, const respond::Wishes& wishes, WallTime now);
    bool propose(std::uint64_t alert, const respond::Wishes& wishes, WallTime now);
    void took(
        std::uint64_t alert, const remedy::Action& action, std::uint64_t instead_of, WallTime now
    );
    // `before` gave way to what was just taken.
    void give_way(std::uint64_t before, WallTime now);
    void refuse(
        std::uint64_t alert, const respond::Wishes& wishes, const std::string& why, WallTime now
    );
    void note(std::string what, std::string target, std::string why, std::string outcome);
    void follow_proposals(WallTime now, std::vector<std::uint64_t>& changed);

    MeshNode& node_;
    RemedyService& remedy_;
    AuditService& audit_;
    respond::Pipeline& pipeline_;
    AlertService& alerts_;
    respond::HourlyBudget budget_;
    std::map<std::uint64_t, WallTime> followed_;  // in force for incidents, and their ends
    std::map<std::uint64_t, Asked> asked_;        // proposals
    Counters counters_;
    std::string refused_;  // the last reason for which nothing was done, so that it is said once
};

}  // namespace phantom::daemon
