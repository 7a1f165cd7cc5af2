#pragma once

// What is up while a node serves, in the order of its making, each using those before it: the node,
// its ways through TCP, the stock peers beside it, its names, its routes, what helps to reach it, what
// it blocks, what it sees, what it reads, and the socket where all of them are asked. Thread: control.

#include <optional>
#include <string>

#include "daemon/api_service.h"
#include "daemon/audit_service.h"
#include "daemon/control_server.h"
#include "daemon/defence_service.h"
#include "daemon/dns_service.h"
#include "daemon/feed_service.h"
#include "daemon/flow_service.h"
#include "daemon/handling_service.h"
#include "daemon/imported_peers.h"
#include "daemon/intake_service.h"
#include "daemon/mesh_carrier.h"
#include "daemon/mesh_node.h"
#include "daemon/metrics_service.h"
#include "daemon/reach_service.h"
#include "daemon/remedy_service.h"
#include "daemon/route_service.h"
#include "daemon/trace_service.h"
#include "daemon/traffic_history.h"

namespace phantom::daemon {

class NodeService {
  public:
    // All of it outlives the service.
    struct Surroundings {
        dataplane::Tunnel& tunnel;
        int tun_fd;
        io::EventLoop& loop;
        Random& random;
        bool& stop;           // set when a client asks for the end
        bool udp_is_blocked;  // this node was admitted over TCP
        bool has_v4;          // the interface has the node's IPv4 address
    };

    NodeService(
        MeshState state, io::Fd listener, const RunOptions& options,
        const Surroundings& surroundings
    );

    // A sentence where it cannot.
    [[nodiscard]] std::optional<std::string> start(const RunOptions& options);
    void tick();
    void reload();
    // When tick() has something to do, at the latest.
    [[nodiscard]] Instant deadline() const;
    // The machine's own settings are as they were; the rest ends with the object.
    void stop() {
        api_.stop();
        traces_.stop();
        dns_.stop();
        routes_.stop();
        reach_.stop();
        audit_.stop();
    }

    // Once the caller has been told that the node is up, `phantom status` says so too.
    void set_started() { started_ = true; }
    [[nodiscard]] bool started() const { return started_; }

    [[nodiscard]] const MeshNode& node() const { return node_; }
    [[nodiscard]] const std::string& interface() const {
        return node_.state().membership.interface;
    }

  private:
    // Answers, and notes in the audit log what was changed, before anybody hears of it.
    [[nodiscard]] boost::json::object answer(
        const boost::json::object& request, std::string_view origin
    );
    [[nodiscard]] boost::json::object answer(const boost::json::object& request);
    [[nodiscard]] boost::json::object status(boost::json::object answer);
    void look_at_traffic();

    bool& stop_;
    bool has_v4_;
    bool started_ = false;
    MeshNode node_;
    TrafficHistory history_;
    MeshCarrier carrier_;
    ImportedPeers imported_;
    DnsService dns_;
    RouteService routes_;
    ReachService reach_;
    AuditService audit_;
    intel::SnapshotBox feeds_box_;
    RemedyService remedy_;
    FeedService feeds_;
    DefenceService defence_;
    FlowService flows_;
    IntakeService intake_;
    HandlingService handling_;
    ApiService api_;
    TraceService traces_;
    MetricsService metrics_;
    ControlServer server_;
};

}  // namespace phantom::daemon
