#pragma once

// Packets that wait for a session (WireGuard paper 6.4.1: sent when the handshake completes,
// forgotten when it is given up). Off the packet path: a peer without a session has no traffic to
// slow down. Thread: its shard.

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "wireguard/constants.h"
#include "wireguard/path.h"

namespace phantom::dataplane {

inline constexpr std::size_t kStagedBytesMax = 8U << 20U;  // per shard, all peers

class Staging {
  public:
    using Packets = std::deque<std::vector<std::uint8_t>>;

    // `packet` as read from the TUN, VnetHeader first. The peer's oldest packet goes when it has
    // kStagedPacketsMax. False: the shard's bytes are used up, or an old one was forgotten.
    [[nodiscard]] bool add(wireguard::PeerId peer, ByteView packet);
    // In the order they were added; none stay.
    [[nodiscard]] Packets take(wireguard::PeerId peer);

    [[nodiscard]] std::size_t size_bytes() const { return size_bytes_; }

  private:
    std::unordered_map<wireguard::PeerId, Packets> waiting_;
    std::size_t size_bytes_ = 0;
};

}  // namespace phantom::dataplane
