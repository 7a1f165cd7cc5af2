#pragma once

// Unaligned loads and stores with a stated byte order.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace phantom {

using ByteView = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

static_assert(std::endian::native == std::endian::little, "the loads below assume it");

template <class T>
[[nodiscard]] inline T load_le(const std::uint8_t* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

template <class T>
inline void store_le(std::uint8_t* to, T value) {
    std::memcpy(to, &value, sizeof value);
}

template <class T>
[[nodiscard]] inline T load_be(const std::uint8_t* from) {
    return std::byteswap(load_le<T>(from));
}

template <class T>
inline void store_be(std::uint8_t* to, T value) {
    store_le<T>(to, std::byteswap(value));
}

}  // namespace phantom
