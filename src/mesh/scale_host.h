#pragma once

// For tests and benchmarks only: a machine of a large simulated mesh, its sessions and its router.

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "mesh/fragments.h"
#include "mesh/latency_fixture.h"
#include "mesh/node.h"
#include "wire/control_frame.h"

namespace phantom::mesh::scale {

inline constexpr Duration kOpenFor = 30s;
// Around each message: control frame, fragment; then WireGuard, UDP and IPv4, as the budget counts it.
inline constexpr std::size_t kFrameOverhead = wire::kControlHeaderSize + kFragmentHeaderSize;
inline constexpr std::size_t kPacketOverhead = 60;
inline constexpr std::size_t kInitiationSize = 148 + 28;

inline std::size_t bytes_on_wire(std::size_t message_size) {
    const std::size_t fragments = (message_size + kFragmentDataMax - 1) / kFragmentDataMax;
    return message_size + fragments * (kFrameOverhead + kPacketOverhead);
}

struct Session {
    wire::SocketAddress way;
    Instant received;
    bool is_news = false;  // the node has not been told since
};

struct Host {
    std::unique_ptr<Node> node;
    wire::SocketAddress outside;
    bool hidden = false;
    bool up = true;
    int side = 0;  // of a partition
    std::int64_t clock_skew_s = 0;
    std::uint32_t run = 0;
    Instant due;
    std::uint64_t bytes_sent = 0;
    std::uint64_t last_word = 0;
    std::map<std::uint64_t, crypto::Signature> own_words;  // all that it has signed, by sequence
    std::unordered_map<Index, Session> sessions;
    std::vector<Index> news;  // sessions of which the node is told with its next tick
    std::unordered_map<Index, Instant> sent_to;  // what its router remembers
    std::unordered_map<Index, wire::SocketAddress> called;
};

// Of a thousand messages.
struct Faults {
    std::uint64_t lost = 5;
    std::uint64_t repeated = 0;
    std::uint64_t late = 0;  // by up to kLateMax: others overtake it
};
inline constexpr std::uint64_t kLateMaxMs = 500;

}  // namespace phantom::mesh::scale
