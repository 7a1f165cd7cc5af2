#pragma once

// Poly1305 (RFC 8439 section 2.5) in 64-bit limbs, as small inline steps that a vector kernel can
// interleave with its own work. Inside this component only.
//
// Numbers are modulo p = 2^130 - 5, held as h[0] + h[1] 2^64 + h[2] 2^128 with h[2] small ("partly
// reduced").

#include <cstdint>

#include "base/bytes.h"

#define PM_ALWAYS_INLINE inline __attribute__((always_inline))

namespace phantom::crypto::poly1305 {

inline constexpr std::size_t kBlockSize = 16;

struct Key {
    std::uint64_t r0;
    std::uint64_t r1;
    // r1 * 5 / 4: r1 is a multiple of 4, so r1 2^128 = (r1 / 4) 2^130 = (r1 / 4) 5 modulo p.
    std::uint64_t s1;
    std::uint64_t pad0;
    std::uint64_t pad1;
};

struct Sum {
    std::uint64_t h0;
    std::uint64_t h1;
    std::uint64_t h2;
};

struct Tag {
    std::uint64_t low;
    std::uint64_t high;
};

// `one_time_key` is 32 bytes: r, clamped here, and the pad.
PM_ALWAYS_INLINE Key load_key(const std::uint8_t* one_time_key) {
    Key key;
    key.r0 = load_le<std::uint64_t>(one_time_key) & 0x0ffffffc0fffffffU;
    key.r1 = load_le<std::uint64_t>(one_time_key + 8) & 0x0ffffffc0ffffffcU;
    key.s1 = key.r1 + (key.r1 >> 2U);
    key.pad0 = load_le<std::uint64_t>(one_time_key + 16);
    key.pad1 = load_le<std::uint64_t>(one_time_key + 24);
    return key;
}

// sum modulo p, plus the pad modulo 2^128. No branch depends on the value.
PM_ALWAYS_INLINE Tag finish(const Sum& sum, const Key& key) {
    // sum + 5 reaches 2^130 exactly when sum >= p; h2 <= 4, so p is taken off at most once.
    const std::uint64_t t0 = sum.h0 + 5;
    const std::uint64_t carry0 = t0 < 5 ? 1 : 0;
    const std::uint64_t t1 = sum.h1 + carry0;
    const std::uint64_t carry1 = t1 < carry0 ? 1 : 0;
    const std::uint64_t mask = 0 - ((sum.h2 + carry1) >> 2U);
    const std::uint64_t low = (sum.h0 & ~mask) | (t0 & mask);
    const std::uint64_t high = (sum.h1 & ~mask) | (t1 & mask);
    const std::uint64_t out0 = low + key.pad0;
    const std::uint64_t carry = out0 < low ? 1 : 0;
    return {out0, high + key.pad1 + carry};
}

}  // namespace phantom::crypto::poly1305
