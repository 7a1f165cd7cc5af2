#pragma once

// GET /metrics: gathers what everybody has counted into one page (src/metrics). Nothing is kept between two scrapes but
// how long the last one took. Thread: control; counters of other threads are read as they are.
//
//   metrics_tunnel.cpp   packets, handshakes, keys; peers, and wireguard_exporter's names for them
//   metrics_mesh.cpp     this node, its mesh, its ways through TCP
//   metrics_defence.cpp  what is looked at, found, judged, told and done
//   metrics_node.cpp     store, API, process

#include <functional>
#include <string_view>

#include <boost/json.hpp>

#include "daemon/defence_service.h"
#include "daemon/feed_service.h"
#include "daemon/handling_service.h"
#include "daemon/imported_peers.h"
#include "daemon/intake_service.h"
#include "daemon/mesh_carrier.h"
#include "metrics/writer.h"

namespace phantom::daemon {

class ApiService;
class TraceService;

class MetricsService {
  public:
    // All outlive it.
    struct Neighbours {
        MeshNode& node;
        const dataplane::Tunnel& tunnel;
        const MeshCarrier& carrier;
        const ImportedPeers& imported;
        const DefenceService& defence;
        const RemedyService& remedy;
        FeedService& feeds;
        const IntakeService& intake;
        const HandlingService& handling;
        const AuditService& audit;
        const ApiService& api;
        const TraceService& traces;
        const bool& started;
    };
    explicit MetricsService(const Neighbours& neighbours) : at_(neighbours) {}

    // "metrics", with "accept" and "format" of who asks, "aliases" where he wants wireguard_exporter's names too.
    [[nodiscard]] boost::json::object answer(const boost::json::object& request);

  private:
    [[nodiscard]] std::string page(metrics::Format format, bool with_aliases);

    void write_tunnel(metrics::Writer& page, const dataplane::TunnelStatus& status) const;
    void write_drops(metrics::Writer& page) const;
    void write_handshakes(metrics::Writer& page) const;
    void write_peers(
        metrics::Writer& page, const dataplane::TunnelStatus& status,
        const std::vector<MeshNode::PeerView>& members
    ) const;
    static void write_members(
        metrics::Writer& page, const std::vector<MeshNode::PeerView>& members
    );
    void write_aliases(metrics::Writer& page, const dataplane::TunnelStatus& status) const;

    void write_node(metrics::Writer& page) const;
    void write_mesh(metrics::Writer& page, const std::vector<MeshNode::PeerView>& members) const;
    void write_post_quantum(metrics::Writer& page, const std::vector<MeshNode::PeerView>& members)
        const;
    void write_carrier(metrics::Writer& page) const;

    void write_detection(metrics::Writer& page) const;
    void write_knowledge(metrics::Writer& page) const;
    void write_response(metrics::Writer& page) const;
    void write_alerts(metrics::Writer& page) const;
    void write_actions(metrics::Writer& page) const;
    void write_channels(metrics::Writer& page) const;

    void write_store(metrics::Writer& page) const;
    void write_api(metrics::Writer& page) const;
    static void write_process(metrics::Writer& page);

    Neighbours at_;
    Duration took_{};
};

}  // namespace phantom::daemon
