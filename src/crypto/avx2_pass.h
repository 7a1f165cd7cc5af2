#pragma once

// One pass of the AVX2 kernel: eight ChaCha20 blocks side by side (one 32-bit word of all eight in
// each register), of whichever packets, and between the rounds the Poly1305 of the pass before.
// The rounds keep the vector ports busy, the multiplications the integer ports. Inside this
// component only; never called on a processor without AVX2 and BMI2.

#include <cstddef>
#include <cstdint>
#include <span>

#include "crypto/poly1305.h"

namespace phantom::crypto::avx2 {

inline constexpr std::size_t kLaneCount = 8;
inline constexpr std::size_t kLaneSize = 64;  // one ChaCha20 block, four of Poly1305
inline constexpr std::size_t kPassSize = kLaneCount * kLaneSize;

// The part of the ChaCha20 state that all packets of a key share, each word in all eight lanes.
struct KeyRows {
    alignas(32) std::uint32_t word[12][kLaneCount];
};

// What each lane encrypts. All 64 bytes of `from` are read and all 64 of `to` written.
struct Lanes {
    alignas(32) std::uint32_t block_number[kLaneCount];
    alignas(32) std::uint32_t counter_low[kLaneCount];
    alignas(32) std::uint32_t counter_high[kLaneCount];
    const std::uint8_t* from[kLaneCount];
    std::uint8_t* to[kLaneCount];
};

// The assembly of avx2_pass.cpp knows this layout.
struct PacketSum {
    poly1305::Key key;
    poly1305::Sum sum;
};

// kLaneSize bytes of a packet's ciphertext waiting for Poly1305. A packet's lanes are in order.
struct SumLane {
    const std::uint8_t* data;
    PacketSum* packet;
};

void spread_key(KeyRows& rows, const std::uint8_t* key);

// What the assembly works on, all of it found from one register.
struct PassState {
    // The ChaCha20 state while it is stirred; what is left in it afterwards is secret.
    alignas(32) std::uint32_t row[16][kLaneCount];
    // Rotations left by 16 and by 8 bits of each 32-bit word, as byte shuffles.
    alignas(32) std::uint8_t rotate16[32] = {
        2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13,
        2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13,
    };
    alignas(32) std::uint8_t rotate8[32] = {
        3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14,
        3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14,
    };
    std::uint64_t plain_rounds;
};

// Encrypts the lanes. Sums all of `sums`, at most kLaneCount, none of which may be written by the
// lanes. With a `stash` (kPassSize bytes, 32-byte aligned) what was read from the lanes' sources is
// kept there, lane by lane.
void run_pass(
    PassState& state, const KeyRows& rows, const Lanes& lanes, std::uint8_t* stash,
    std::span<const SumLane> sums
);

// Poly1305 of whole blocks outside a pass.
void sum_blocks(PacketSum& packet, const std::uint8_t* from, const std::uint8_t* end);

}  // namespace phantom::crypto::avx2
