// Whatever a gateway says, a client survives it, and holds a mapping only of a real address and port.

#include "base/assert.h"
#include "reach/pcp_client.h"

using namespace phantom;

// The first byte: how many datagrams the rest is cut into.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    ByteView rest(data + 1, size - 1);
    const std::size_t piece = rest.size() / (data[0] % 4U + 1U) + 1;
    SeededRandom random(0);
    Instant now{1};
    reach::MappingOutput out;
    reach::PcpClient client;
    const std::array<std::uint8_t, 4> address{192, 168, 1, 2};
    const auto own = wire::Address::v4(address.data());
    client.begin({.gateway = own, .own = own, .port = 51'820}, now, random, out);
    while (!rest.empty()) {
        const ByteView datagram = rest.first(std::min(piece, rest.size()));
        rest = rest.subspan(datagram.size());
        (void)reach::parse_pcp_response(datagram);
        client.receive(datagram, now, out);
        client.tick(now, out);
        now = now + std::chrono::seconds(1);
        if (client.state() == reach::MappingState::kHeld) {
            PM_ASSERT(!client.mapping().outer.address.is_none());
            PM_ASSERT(client.mapping().outer.port != 0);
        }
    }
    client.end(out);
    PM_ASSERT(out.datagrams.size() < 64);
    return 0;
}
