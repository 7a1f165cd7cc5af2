#include "detect/host_bits.h"

#include <algorithm>

namespace phantom::detect {

HostBits::Key HostBits::key_of(const BitOption& option, std::uint64_t bit, const Packet& packet) {
    switch (option.scope) {
        case BitOption::Scope::kSource:
            return {bit, packet.source, {}};
        case BitOption::Scope::kDestination:
            return {bit, packet.destination, {}};
        default:
            return {
                bit, std::min(packet.source, packet.destination),
                std::max(packet.source, packet.destination)
            };
    }
}

bool HostBits::is_set(const BitOption& option, std::uint64_t bit, const Packet& packet) {
    const std::uint64_t* until_us = until_us_.find(key_of(option, bit, packet));
    return until_us != nullptr && *until_us >= packet.time_us;
}

void HostBits::change(const BitOption& option, const Packet& packet) {
    const std::uint64_t bit = option.bits.front();
    const Key key = key_of(option, bit, packet);
    const bool sets =
        option.operation == BitOption::Operation::kSet ||
        (option.operation == BitOption::Operation::kToggle && !is_set(option, bit, packet));
    if (!sets) {
        until_us_.erase(key);
        return;
    }
    until_us_.of(key) = packet.time_us + option.lifetime_s * 1'000'000;
}

}  // namespace phantom::detect
