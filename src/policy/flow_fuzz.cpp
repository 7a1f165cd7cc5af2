// A packet out of a tunnel, whatever a member may send: its flow is read without reading past its end,
// and turning a flow around twice gives the flow.

#include <vector>

#include "base/assert.h"
#include "policy/flow.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    const auto ip = wire::parse_ip(input);
    if (!ip) {
        return 0;
    }
    // A copy of the packet alone, so that a read behind it is seen.
    const std::vector<std::uint8_t> packet(
        input.begin(), input.begin() + static_cast<std::ptrdiff_t>(ip->total_size)
    );
    if (const auto view = policy::view_packet(packet, *ip)) {
        PM_ASSERT(view->flow.reversed().reversed() == view->flow);
    }
    return 0;
}
