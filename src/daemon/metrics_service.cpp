#include "daemon/metrics_service.h"

#include "fields/fields.h"
#include "metrics/families.h"

namespace phantom::daemon {

namespace json = boost::json;

using metrics::family;
using metrics::Format;

json::object MetricsService::answer(const json::object& request) {
    const std::string wanted = fields::text_at(request, "format");
    const Format format = wanted.empty() ? metrics::format_for(fields::text_at(request, "accept"))
                          : wanted == "prometheus" ? Format::kPrometheus
                                                   : Format::kOpenMetrics;
    return {
        {"schema", "phantom.metrics/1"},
        {"content_type", metrics::content_type(format)},
        {"text", page(format, fields::text_at(request, "aliases") == "wireguard")},
    };
}

std::string MetricsService::page(Format format, bool with_aliases) {
    const Instant began = monotonic_now();
    metrics::Writer page(format);
    const dataplane::TunnelStatus status = at_.tunnel.status();
    const std::vector<MeshNode::PeerView> members = at_.node.peers();
    write_tunnel(page, status);
    write_drops(page);
    write_handshakes(page);
    write_post_quantum(page, members);
    write_node(page);
    write_mesh(page, members);
    write_carrier(page);
    write_peers(page, status, members);
    if (with_aliases) {
        write_aliases(page, status);
    }
    write_detection(page);
    write_knowledge(page);
    write_response(page);
    write_alerts(page);
    write_actions(page);
    write_channels(page);
    write_store(page);
    write_api(page);
    write_process(page);
    page.write(
        family("phantommesh_metrics_gather_seconds"), std::chrono::duration<double>(took_).count()
    );
    page.write(family("phantommesh_metrics_folded_series"), page.folded());
    std::string text = page.finish();
    took_ = monotonic_now() - began;
    return text;
}

}  // namespace phantom::daemon
