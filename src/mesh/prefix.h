#pragma once

// The beginning of a node's id, in hexadecimal digits: names a range of the members.

#include <array>
#include <cstddef>
#include <cstdint>

#include "identity/types.h"

namespace phantom::mesh {

using IdBytes = std::array<std::uint8_t, identity::kIdSize>;

// Ids are hashes: 2^64 of them would have to be made for two that agree in more digits than this.
inline constexpr std::size_t kPrefixDigitsMax = 16;
inline constexpr std::size_t kDigitValues = 16;

[[nodiscard]] inline std::size_t digit_of(const IdBytes& id, std::size_t at) {
    return at % 2 == 0 ? id[at / 2] >> 4U : id[at / 2] & 0x0fU;
}

struct Prefix {
    std::uint8_t size = 0;  // digits, at most kPrefixDigitsMax
    IdBytes digits{};       // two a byte; zero beyond the last

    friend bool operator==(const Prefix&, const Prefix&) = default;

    // One digit longer.
    [[nodiscard]] Prefix with(std::size_t digit) const {
        Prefix longer = *this;
        longer.digits[size / 2] |= static_cast<std::uint8_t>(size % 2 == 0 ? digit << 4U : digit);
        ++longer.size;
        return longer;
    }
    [[nodiscard]] bool covers(const IdBytes& id) const {
        for (std::size_t at = 0; at < size; ++at) {
            if (digit_of(id, at) != digit_of(digits, at)) {
                return false;
            }
        }
        return true;
    }
};

}  // namespace phantom::mesh
