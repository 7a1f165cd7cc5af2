#pragma once

// A way whose datagrams travel inside a stream (src/carrier). On this machine its end is a socket on
// loopback, and to all that knows endpoints it is one: 127.0.0.0/8 or ::1. Such an address means
// nothing to any other machine and is told to none.

#include "wire/address.h"
#include "wire/relay_frame.h"

namespace phantom::wire {

[[nodiscard]] inline bool is_carried(const SocketAddress& endpoint) {
    constexpr std::uint8_t kLoopbackNet = 127;
    const Address& address = endpoint.address;
    if (address.family == Family::kV4) {
        return address.bytes[0] == kLoopbackNet;
    }
    Address loopback{.bytes = {}, .family = Family::kV6};
    loopback.bytes.back() = 1;
    return address == loopback;
}

// Neither carried nor over relays: one that others may be told of.
[[nodiscard]] inline bool is_direct(const SocketAddress& endpoint) {
    return !endpoint.address.is_none() && !is_relay(endpoint) && !is_carried(endpoint);
}

}  // namespace phantom::wire
