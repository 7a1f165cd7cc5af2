#pragma once

// The newest flows by what they have in common: UNSW-NB15's counts over the last 100 connections, kept so
// that a flow that begins costs four look-ups, whatever there was before.

#include <array>
#include <cstdint>
#include <unordered_map>

#include "ml/flow_record.h"

namespace phantom::ml {

inline constexpr std::size_t kRecentFlows = 100;

class RecentFlows {
  public:
    // `key` is mixed into every hash: who could foresee them would make flows look alike.
    explicit RecentFlows(std::uint64_t key) : key_(key) {}

    // How many of those before are like it; then it is one of them.
    RecentCounts add(const PacketFacts& first);

  private:
    static constexpr std::size_t kKinds = 4;
    using Hashes = std::array<std::uint64_t, kKinds>;

    [[nodiscard]] Hashes hashes_of(const PacketFacts& first) const;

    std::uint64_t key_;
    std::array<Hashes, kRecentFlows> ring_{};
    std::size_t next_ = 0;
    std::size_t size_ = 0;
    std::array<std::unordered_map<std::uint64_t, std::uint32_t>, kKinds> counts_;
};

// Of an address, mixed with `seed`.
[[nodiscard]] std::uint64_t hash_of(const wire::Address& address, std::uint64_t seed);
[[nodiscard]] std::uint64_t mixed(std::uint64_t hash, std::uint64_t value);

}  // namespace phantom::ml
