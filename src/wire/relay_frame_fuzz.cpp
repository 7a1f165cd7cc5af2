// Relay frames, whatever a member may send: what was read, written again, is the header that came; a
// frame passed on is read by every hop it has left, and by none after.

#include <algorithm>
#include <vector>

#include "base/assert.h"
#include "wire/relay_frame.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<std::uint8_t> inner(data, data + size);
    auto frame = wire::parse_relay_frame(inner);
    if (!frame) {
        return 0;
    }
    PM_ASSERT(wire::kRelayHeaderSize + frame->datagram_size <= inner.size());
    std::vector<std::uint8_t> written(wire::kRelayHeaderSize);
    wire::write_relay_header(frame->header, frame->datagram_size, written.data());
    PM_ASSERT(std::ranges::equal(written, ByteView(inner).first(wire::kRelayHeaderSize)));

    const wire::RelayRoute& route = frame->header.route;
    PM_ASSERT(wire::relay_route(wire::relay_endpoint(route).address) == route);
    PM_ASSERT(route.reversed().reversed() == route);

    // Who has the frame passes it on as its sender; in the end it is where it was to go.
    wire::HopId holder = frame->header.passed == 0 ? route.first : route.second;
    while (frame->header.passed < route.count()) {
        const wire::HopId next_holder = frame->next();
        wire::pass_relay_frame(inner.data());
        const auto passed = wire::parse_relay_frame(inner);
        PM_ASSERT(passed.has_value());
        PM_ASSERT(passed->sender() == holder);
        PM_ASSERT(passed->header.passed == frame->header.passed + 1);
        PM_ASSERT(passed->datagram_size == frame->datagram_size);
        holder = next_holder;
        PM_ASSERT(passed->header.passed < route.count() || holder == frame->header.destination);
        frame->header.passed = passed->header.passed;
    }
    wire::pass_relay_frame(inner.data());
    PM_ASSERT(!wire::parse_relay_frame(inner));
    return 0;
}
