#pragma once

// `phantom flows`: what the watcher has of flows inside the mesh, and what the kernel tracks of members beside that, with
// the member at the other end and what the policy says of it. Thread: control; an answer takes some milliseconds, and the
// kernel is asked once a second at most.

#include <map>
#include <memory>
#include <vector>

#include <boost/json.hpp>

#include "daemon/current_flows.h"
#include "daemon/flow_watch.h"
#include "daemon/mesh_node.h"

namespace phantom::daemon {

// Of those that only the kernel has.
inline constexpr std::size_t kKernelFlowsMax = 4'096;
inline constexpr std::size_t kFlowsToldMax = 500;

class FlowService {
  public:
    FlowService(const MeshNode& node, std::shared_ptr<FlowBox> box)
        : node_(node), box_(std::move(box)) {}

    [[nodiscard]] static bool is_verb(std::string_view verb) { return verb == "flows"; }
    // Of those that the request wishes, the newest `count` before the number `before`, the oldest first.
    [[nodiscard]] boost::json::object answer(const boost::json::object& request);

  private:
    struct Told {
        WatchedFlow flow;
        bool by_kernel = false;
    };
    struct Names;
    struct Wish;

    void look_at_kernel(const Names& names, Instant now);
    [[nodiscard]] boost::json::object describe(const Told& told, const Names& names) const;

    const MeshNode& node_;
    std::shared_ptr<FlowBox> box_;
    CurrentFlows kernel_;
    bool kernel_is_whole_ = true;
    std::map<SeenFlow, WatchedFlow> known_;  // of the kernel, each with a number of its own
};

}  // namespace phantom::daemon
