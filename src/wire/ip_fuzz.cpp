// parse_ip and mark_congestion on hostile bytes: no read outside the packet, honest sizes out.

#include <vector>

#include "base/assert.h"
#include "wire/ip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<std::uint8_t> packet(data, data + size);
    const auto parsed = phantom::wire::parse_ip(packet);
    if (!parsed) {
        return 0;
    }
    PM_ASSERT(parsed->header_size <= parsed->total_size);
    PM_ASSERT(parsed->total_size <= size);
    phantom::wire::mark_congestion(packet);
    const auto marked = phantom::wire::parse_ip(packet);
    PM_ASSERT(marked.has_value());
    PM_ASSERT(marked->total_size == parsed->total_size);
    return 0;
}
