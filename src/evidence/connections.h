#pragma once

// What the kernel's connection tracking knows, where it tracks (linux/netfilter/nfnetlink_conntrack.h). Blocks while the
// kernel tells: some milliseconds for ten thousand. Any thread.

#include <cstdint>
#include <functional>
#include <string>

#include "wire/address.h"

namespace phantom::evidence {

struct TrackedConnection {
    // As packets of it go; without ports where its protocol has none.
    struct Way {
        wire::SocketAddress source;
        wire::SocketAddress destination;
        std::uint8_t protocol = 0;
    };
    Way there;
    Way back;
    bool is_open = true;  // of TCP: neither beginning nor over
    std::uint32_t left_s = 0;
};

// False: no more are wanted.
using ConnectionVisitor = std::function<bool(const TrackedConnection&)>;
// What is wrong; empty: nothing.
[[nodiscard]] std::string visit_connections(const ConnectionVisitor& visit);

}  // namespace phantom::evidence
