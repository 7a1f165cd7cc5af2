#include "ml/recent_flows.h"

namespace phantom::ml {

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
    constexpr std::uint64_t kPrime = 0x9e37'79b9'7f4a'7c15ULL;
    hash = (hash ^ value) * kPrime;
    return hash ^ hash >> 29U;
}

std::uint64_t hash_of(const wire::Address& address, std::uint64_t seed) {
    const std::uint64_t low = load_le<std::uint64_t>(address.bytes.data());
    const std::uint64_t high = load_le<std::uint64_t>(address.bytes.data() + 8);
    return mixed(mixed(mixed(seed, low), high), static_cast<std::uint64_t>(address.family));
}

RecentFlows::Hashes RecentFlows::hashes_of(const PacketFacts& first) const {
    const std::uint64_t source = hash_of(first.source, key_);
    const std::uint64_t destination = hash_of(first.destination, key_);
    const std::uint64_t service = std::uint64_t{first.protocol} << 16U | first.destination_port;
    return {source, destination, mixed(destination, service), mixed(source, destination)};
}

RecentCounts RecentFlows::add(const PacketFacts& first) {
    const Hashes hashes = hashes_of(first);
    std::array<std::uint32_t, kKinds> before{};
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
        const auto found = counts_[kind].find(hashes[kind]);
        before[kind] = found == counts_[kind].end() ? 0 : found->second;
    }
    Hashes& place = ring_[next_];
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
        auto& counts = counts_[kind];
        if (size_ == kRecentFlows) {
            const auto oldest = counts.find(place[kind]);
            if (--oldest->second == 0) {
                counts.erase(oldest);
            }
        }
        ++counts[hashes[kind]];
    }
    place = hashes;
    next_ = (next_ + 1) % kRecentFlows;
    size_ = size_ == kRecentFlows ? size_ : size_ + 1;
    return {.source = before[0], .destination = before[1], .service = before[2], .pair = before[3]};
}

}  // namespace phantom::ml
