#pragma once

// The state of a TCP connection, as both ends see it, and its bytes in order.

#include "detect/flow.h"

namespace phantom::detect {

struct TcpOptions {
    // Follow connections whose beginning was not seen.
    bool midstream = false;
};

// What the packet does to its flow. Whether its payload is a part of the stream.
bool follow_tcp(Flow& flow, const Packet& packet, const TcpOptions& options);

}  // namespace phantom::detect
