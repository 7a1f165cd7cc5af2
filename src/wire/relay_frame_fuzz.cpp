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

    const wire::RelayHeader first = frame->header;
    for (std::uint8_t passed = first.passed; passed < route.count(); ++passed) {
        const wire::HopId passing = frame->next();
        wire::pass_relay_frame(inner.data());
        const auto next = wire::parse_relay_frame(inner);
        PM_ASSERT(next.has_value());
        PM_ASSERT(next->sender() == passing && next->header.passed == passed + 1);
        PM_ASSERT(next->header.destination == first.destination);
        PM_ASSERT(next->datagram_size == frame->datagram_size);
        frame->header.passed = next->header.passed;
    }
    wire::pass_relay_frame(inner.data());
    PM_ASSERT(!wire::parse_relay_frame(inner));
    return 0;
}
