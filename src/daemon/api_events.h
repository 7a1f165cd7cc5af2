#pragma once

// What has changed since the last look, for whoever listens to the API: alerts, incidents, actions, detections, peers, the policy.
// Each event is a CloudEvent (1.0) without its id, which is given where it is kept. Thread: control.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "api/server.h"
#include "daemon/defence_service.h"
#include "daemon/mesh_node.h"
#include "daemon/remedy_service.h"

namespace phantom::daemon {

inline constexpr Duration kEventsInterval = std::chrono::milliseconds(250);
// More for each member, so that looking at many costs no more than looking at few.
// Of detections at one look, the newest: who listens sees by their numbers that there were more. A flood of them then
// leaves what else happened among what is kept.
inline constexpr std::size_t kDetectionEventsMax = 16;
inline constexpr Duration kEventsIntervalOfMember = std::chrono::milliseconds(1);

class ApiEvents {
  public:
    // All outlive it.
    ApiEvents(MeshNode& node, DefenceService& defence, const RemedyService& remedy)
        : node_(node), defence_(defence), remedy_(remedy) {}

    // Nothing at the first look: who listens reads first what is there.
    [[nodiscard]] std::vector<api::Event> look(Instant now, WallTime wall);

  private:
    // What is compared of a thing; the same as long as nothing that matters has changed.
    using Print = std::uint64_t;
    template <class Key>
    using Prints = std::map<Key, Print>;

    void look_at_alerts();
    void look_at_incidents();
    void look_at_actions();
    void look_at_peers();
    void look_at_policy();
    void look_at_detections();
    void add(const char* type, boost::json::object data);

    MeshNode& node_;
    DefenceService& defence_;
    const RemedyService& remedy_;
    Instant next_look_;
    Instant next_peers_;
    bool is_first_ = true;
    WallTime wall_;
    std::vector<api::Event> events_;
    Prints<std::uint64_t> alerts_;
    Prints<std::uint64_t> incidents_;
    Prints<std::uint64_t> actions_;
    Prints<std::string> peers_;
    std::uint64_t policy_sequence_ = 0;
    std::uint64_t detections_told_ = 0;  // up to this number
};

}  // namespace phantom::daemon
