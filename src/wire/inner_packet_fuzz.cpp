// A packet as it comes from the TUN or out of a tunnel: the offload header and the IP packet are
// both the fuzzer's. Nothing may be read or written outside it, and what is cut must be whole.

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "wire/coalescing.h"
#include "wire/message.h"
#include "wire/segmentation.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    (void)wire::classify({data, size});
    if (size < wire::kVnetHeaderSize) {
        return 0;
    }
    wire::VnetHeader offload;
    std::memcpy(&offload, data, sizeof offload);
    std::vector<std::uint8_t> packet(data + sizeof offload, data + size);
    const auto ip = wire::parse_ip(packet);
    if (!ip) {
        return 0;
    }
    if (const auto plan = wire::SegmentPlan::make(offload, packet)) {
        std::size_t total = 0;
        std::vector<std::uint8_t> header(plan->header_size());
        for (std::size_t index = 0; index < plan->count(); ++index) {
            const ByteView payload =
                ByteView(packet).subspan(plan->payload_offset(index), plan->payload_size(index));
            plan->write_header(index, payload, header.data());
            total += payload.size();
        }
        if (total + plan->header_size() != ip->total_size) {
            std::abort();
        }
    }
    packet.resize(ip->total_size);
    (void)wire::finish_checksum(offload, *ip, packet);
    wire::mark_congestion(packet);
    auto twin = packet;
    const auto first = wire::merge_candidate(packet.data(), *ip);
    const auto second = wire::merge_candidate(twin.data(), *ip);
    if (first && second) {
        wire::MergeRun run(*first);
        (void)(run.same_flow(*second) && run.append(*second));
        (void)run.finish();
    }
    return 0;
}
