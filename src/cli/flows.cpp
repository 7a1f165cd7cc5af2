#include "cli/flows.h"

#include "base/random.h"
#include "cli/packets_of.h"
#include "ml/flow_json.h"

namespace phantom::cli {

bool write_flows(detect::CaptureReader& capture, std::FILE* out) {
    SystemRandom random;
    ml::FlowTable table(random);
    bool is_written = true;
    const ml::FlowTable::Farewell farewell = [&](const ml::FlowRecord& flow, ml::FlowEnd end) {
        const std::string line = ml::flow_json(flow, end);
        is_written = std::fwrite(line.data(), 1, line.size(), out) == line.size() && is_written;
    };
    const bool is_whole = each_ip_packet(capture, [&](ByteView packet, std::int64_t time_us) {
        if (const auto facts = ml::facts_of(packet, time_us)) {
            (void)table.add(*facts, farewell);
        }
    });
    table.end_all(farewell);
    return is_whole && is_written;
}

}  // namespace phantom::cli
