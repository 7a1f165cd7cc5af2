#include "dataplane/staging.h"

namespace phantom::dataplane {

bool Staging::add(wireguard::PeerId peer, ByteView packet) {
    if (size_bytes_ + packet.size() > kStagedBytesMax) {
        return false;
    }
    Packets& packets = waiting_[peer];
    const bool full = packets.size() == wireguard::kStagedPacketsMax;
    if (full) {
        size_bytes_ -= packets.front().size();
        packets.pop_front();
    }
    packets.emplace_back(packet.begin(), packet.end());
    size_bytes_ += packet.size();
    return !full;
}

Staging::Packets Staging::take(wireguard::PeerId peer) {
    const auto found = waiting_.find(peer);
    if (found == waiting_.end()) {
        return {};
    }
    Packets packets = std::move(found->second);
    waiting_.erase(found);
    for (const auto& packet : packets) {
        size_bytes_ -= packet.size();
    }
    return packets;
}

}  // namespace phantom::dataplane
