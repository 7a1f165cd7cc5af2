#pragma once

// xbits and hostbits: what rules remember of an address, or a pair of them, for some time.

#include <cstdint>
#include <tuple>

#include "base/recent_table.h"
#include "detect/packet.h"
#include "detect/rule.h"

namespace phantom::detect {

inline constexpr std::size_t kHostBitsMax = 65'536;

class HostBits {
  public:
    [[nodiscard]] bool is_set(const BitOption& option, std::uint64_t bit, const Packet& packet);
    void change(const BitOption& option, const Packet& packet);

  private:
    using Key = std::tuple<std::uint64_t, wire::Address, wire::Address>;
    [[nodiscard]] static Key key_of(
        const BitOption& option, std::uint64_t bit, const Packet& packet
    );

    RecentTable<Key, std::uint64_t, kHostBitsMax> until_us_;
};

}  // namespace phantom::detect
