// The mesh's part of /metrics.

#include "daemon/metrics_service.h"
#include "metrics/families.h"
#include "wire/carried.h"

namespace phantom::daemon {

namespace {

using metrics::family;

template <class Member>
std::size_t count_members(const std::vector<MeshNode::PeerView>& members, const Member& is_one) {
    return static_cast<std::size_t>(std::ranges::count_if(members, is_one));
}

}  // namespace

void MetricsService::write_node(metrics::Writer& page) const {
    const identity::MemberRecord& self = at_.node.mesh().self();
    page.begin(family("phantommesh_node"));
    page.add({self.certificate.name.text(), self.descriptor.mesh.short_text(), PM_VERSION}, 1);
    page.write(family("phantommesh_node_started"), at_.started);
    page.write(family("phantommesh_node_keys_generation"), self.certificate.generation);
    page.write(
        family("phantommesh_node_keys_timestamp_seconds"),
        static_cast<double>(self.certificate.keys_since.s)
    );
    page.write(
        family("phantommesh_node_certificate_expiry_timestamp_seconds"),
        static_cast<double>(self.certificate.expiry.s)
    );
}

void MetricsService::write_mesh(
    metrics::Writer& page, const std::vector<MeshNode::PeerView>& members
) const {
    using View = MeshNode::PeerView;
    const MeshNode& node = at_.node;
    page.write(family("phantommesh_mesh_members"), node.mesh().directory().members().size());
    page.begin(family("phantommesh_mesh_members_by_state"));
    for (const auto state :
         {mesh::MemberState::kAlive, mesh::MemberState::kSuspect, mesh::MemberState::kDead}) {
        page.add({mesh::name_of(state)}, count_members(members, [&](const View& each) {
                     return each.state.state == state;
                 }));
    }
    page.write(family("phantommesh_mesh_neighbours"), count_members(members, &View::neighbour));
    const auto is_relayed = [](const View& each) {
        return each.linked && wire::is_relay(each.link->over);
    };
    const auto is_carried = [](const View& each) {
        return each.linked && wire::is_carried(each.link->over);
    };
    const std::size_t linked = count_members(members, &View::linked);
    const std::size_t relayed = count_members(members, is_relayed);
    const std::size_t carried = count_members(members, is_carried);
    page.begin(family("phantommesh_mesh_links"));
    page.add({"direct"}, linked - relayed - carried);
    page.add({"relay"}, relayed);
    page.add({"tcp"}, carried);
    page.add({"none"}, members.size() - linked);
    page.write(
        family("phantommesh_mesh_revocations"),
        node.mesh().directory().revocations().entries().size()
    );
    const identity::PolicyRecord* const policy = node.mesh().policy();
    page.write(
        family("phantommesh_mesh_policy_sequence"), policy == nullptr ? 0 : policy->sequence
    );
    page.write(family("phantommesh_mesh_root_held"), static_cast<bool>(node.state().root));
    page.write(family("phantommesh_mesh_network_changes"), node.network_changes());
    page.begin(family("phantommesh_mesh_path_moves"));
    page.add({"better"}, node.counters().moves);
    page.add({"failover"}, node.counters().failovers);
    page.write(family("phantommesh_mesh_dropped_messages"), node.counters().messages_dropped);
}

void MetricsService::write_post_quantum(
    metrics::Writer& page, const std::vector<MeshNode::PeerView>& members
) const {
    using View = MeshNode::PeerView;
    // By pq::EventKind.
    static constexpr std::array<std::string_view, 4> kOutcomes{
        "agreed", "reset", "unanswered", "unacknowledged"
    };
    page.begin(family("phantommesh_pq_exchanges"));
    for (std::size_t at = 0; at < kOutcomes.size(); ++at) {
        page.add({kOutcomes[at]}, at_.node.counters().exchanges[at]);
    }
    page.write(family("phantommesh_pq_dropped_frames"), at_.node.counters().pq_frames_dropped);
    page.begin(family("phantommesh_pq_links"));
    page.add({"post_quantum"}, count_members(members, [](const View& each) {
                 return each.linked && each.post_quantum;
             }));
    page.add({"control_only"}, count_members(members, [](const View& each) {
                 return each.linked && !each.post_quantum;
             }));
    const bool is_ready = std::ranges::all_of(members, [](const View& each) {
        return !each.linked || each.post_quantum;
    });
    page.write(family("phantommesh_pq_ready"), is_ready);
}

void MetricsService::write_carrier(metrics::Writer& page) const {
    const carrier::Counters* const counters = at_.carrier.counters();
    if (counters == nullptr) {
        return;
    }
    page.begin(family("phantommesh_carrier_connections"));
    page.add({"accepted"}, counters->accepted.load());
    page.add({"refused"}, counters->refused.load());
    page.add({"failed"}, counters->failed.load());
    page.begin(family("phantommesh_carrier_datagrams"));
    page.add({"sent"}, counters->sent.load());
    page.add({"received"}, counters->received.load());
    page.write(family("phantommesh_carrier_dropped_datagrams"), counters->dropped.load());
}

}  // namespace phantom::daemon
