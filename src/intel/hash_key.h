#pragma once

// The hash of what is looked up. Keyed, because who writes a feed would otherwise choose what collides.

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/bytes.h"
#include "base/random.h"

namespace phantom::intel {

class HashKey {
  public:
    explicit HashKey(Random& random)
        : first_(random.next_u64()), second_(random.next_u64()), third_(random.next_u64() | 1U) {}

    [[nodiscard]] std::uint64_t of(std::uint64_t a, std::uint64_t b, std::uint64_t c) const {
        return mixed(mixed(a ^ first_, b ^ second_) ^ c, third_);
    }
    // Text by text: begin with 0, and put in the last character first, so that the hash of a name's suffix is
    // a step on the way to the name's.
    [[nodiscard]] std::uint64_t step(std::uint64_t so_far, char next) const {
        return (so_far ^ static_cast<std::uint8_t>(next)) * kStep + first_;
    }
    [[nodiscard]] std::uint64_t finished(std::uint64_t so_far, std::uint64_t kind) const {
        return mixed(so_far ^ second_, third_ ^ kind);
    }

  private:
    // An odd number without structure: the golden ratio.
    static constexpr std::uint64_t kStep = 0x9e37'79b9'7f4a'7c15U;

    static std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
        __extension__ using Wide = unsigned __int128;
        const Wide product = Wide{a} * b;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
    }

    std::uint64_t first_;
    std::uint64_t second_;
    std::uint64_t third_;
};

}  // namespace phantom::intel
