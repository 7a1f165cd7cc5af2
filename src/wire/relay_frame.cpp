#include "wire/relay_frame.h"

#include <algorithm>

#include "wire/control_frame.h"

namespace phantom::wire {

namespace {

constexpr std::size_t kCountAt = 4;
constexpr std::size_t kPassedAt = 5;
constexpr std::size_t kReservedAt = 6;
constexpr std::size_t kOriginAt = 8;
constexpr std::size_t kFirstAt = kOriginAt + kHopIdSize;
constexpr std::size_t kSecondAt = kFirstAt + kHopIdSize;
constexpr std::size_t kDestinationAt = kSecondAt + kHopIdSize;
static_assert(kDestinationAt + kHopIdSize == kRelayHeaderSize);

constexpr std::uint8_t kAddressMark = 0x01;  // and a zero after it
constexpr std::size_t kAddressFirstAt = 2;
constexpr std::size_t kAddressSecondAt = kAddressFirstAt + kHopIdSize;
// None is needed, but an endpoint without a port is taken for none.
constexpr std::uint16_t kRelayPort = 1;

void write_hop(HopId hop, std::uint8_t* to) {
    for (std::size_t index = kHopIdSize; index-- > 0;) {
        to[index] = static_cast<std::uint8_t>(hop);
        hop >>= 8U;
    }
}

}  // namespace

HopId hop_id(const std::uint8_t* bytes) {
    HopId hop = 0;
    for (std::size_t index = 0; index < kHopIdSize; ++index) {
        hop = hop << 8U | bytes[index];
    }
    return hop;
}

HopId RelayFrame::sender() const {
    if (header.passed == 0) {
        return header.origin;
    }
    return header.passed == 1 ? header.route.first : header.route.second;
}

HopId RelayFrame::next() const {
    return header.passed == 0 && header.route.count() == 2 ? header.route.second
                                                           : header.destination;
}

std::optional<RelayFrame> parse_relay_frame(ByteView inner) {
    if (inner.size() < kRelayHeaderSize || inner[0] != kControlFrameMark ||
        inner[1] != kRelayFrameKind) {
        return std::nullopt;
    }
    const std::size_t size = load_be<std::uint16_t>(&inner[2]);
    constexpr std::size_t kHeaderRest = kRelayHeaderSize - kControlHeaderSize;
    if (size < kHeaderRest || size > inner.size() - kControlHeaderSize) {
        return std::nullopt;
    }
    const RelayFrame frame{
        .header =
            {.origin = hop_id(&inner[kOriginAt]),
             .route = {hop_id(&inner[kFirstAt]), hop_id(&inner[kSecondAt])},
             .destination = hop_id(&inner[kDestinationAt]),
             .passed = inner[kPassedAt]},
        .datagram_size = size - kHeaderRest,
    };
    const RelayHeader& header = frame.header;
    const bool counted = inner[kCountAt] == header.route.count() &&
                         header.passed <= header.route.count() &&
                         load_be<std::uint16_t>(&inner[kReservedAt]) == 0;
    const bool named = header.origin != 0 && header.route.first != 0 && header.destination != 0;
    return counted && named ? std::optional(frame) : std::nullopt;
}

void write_relay_header(const RelayHeader& header, std::size_t datagram_size, std::uint8_t* to) {
    to[0] = kControlFrameMark;
    to[1] = kRelayFrameKind;
    store_be<std::uint16_t>(
        to + 2, static_cast<std::uint16_t>(kRelayHeaderSize - kControlHeaderSize + datagram_size)
    );
    to[kCountAt] = header.route.count();
    to[kPassedAt] = header.passed;
    store_be<std::uint16_t>(to + kReservedAt, 0);
    write_hop(header.origin, to + kOriginAt);
    write_hop(header.route.first, to + kFirstAt);
    write_hop(header.route.second, to + kSecondAt);
    write_hop(header.destination, to + kDestinationAt);
}

void pass_relay_frame(std::uint8_t* frame) {
    ++frame[kPassedAt];
}

SocketAddress relay_endpoint(const RelayRoute& route) {
    Address address;
    address.family = Family::kV6;
    address.bytes[0] = kAddressMark;
    write_hop(route.first, &address.bytes[kAddressFirstAt]);
    write_hop(route.second, &address.bytes[kAddressSecondAt]);
    return {.address = address, .port = kRelayPort};
}

bool is_relay(const Address& address) {
    return address.family == Family::kV6 && address.bytes[0] == kAddressMark &&
           address.bytes[1] == 0;
}

RelayRoute relay_route(const Address& address) {
    return {hop_id(&address.bytes[kAddressFirstAt]), hop_id(&address.bytes[kAddressSecondAt])};
}

}  // namespace phantom::wire
