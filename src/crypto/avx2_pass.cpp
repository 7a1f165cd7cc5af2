#include "crypto/avx2_pass.h"

#include <immintrin.h>

#include "base/assert.h"
#include "crypto/avx2_rounds.h"

// Only the functions marked so hold AVX2 code. A per-file flag would also change the inline
// functions of the standard library, and the linker may pick that copy for the whole program.
#define PM_AVX2 __attribute__((target("avx2")))
#define PM_AVX2_INLINE PM_AVX2 PM_ALWAYS_INLINE

namespace phantom::crypto::avx2 {

namespace {

constexpr std::uint32_t kConstants[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

PM_AVX2_INLINE __m256i load(const void* from) {
    return _mm256_load_si256(static_cast<const __m256i*>(from));
}
PM_AVX2_INLINE __m256i load_unaligned(const void* from) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
PM_AVX2_INLINE void store(void* to, __m256i value) {
    _mm256_store_si256(static_cast<__m256i*>(to), value);
}
PM_AVX2_INLINE void store_unaligned(void* to, __m256i value) {
    _mm256_storeu_si256(static_cast<__m256i*>(to), value);
}

// Four rows of all lanes become 16 bytes of each lane: out[j] holds lanes j and j + 4.
PM_AVX2_INLINE void transpose(const __m256i* rows, __m256i* out) {
    const __m256i t0 = _mm256_unpacklo_epi32(rows[0], rows[1]);
    const __m256i t1 = _mm256_unpackhi_epi32(rows[0], rows[1]);
    const __m256i t2 = _mm256_unpacklo_epi32(rows[2], rows[3]);
    const __m256i t3 = _mm256_unpackhi_epi32(rows[2], rows[3]);
    out[0] = _mm256_unpacklo_epi64(t0, t2);
    out[1] = _mm256_unpackhi_epi64(t0, t2);
    out[2] = _mm256_unpacklo_epi64(t1, t3);
    out[3] = _mm256_unpackhi_epi64(t1, t3);
}

template <bool Stash>
PM_AVX2_INLINE void apply_stream(
    const Lanes& lanes, std::uint8_t* stash, std::size_t lane, std::size_t offset, __m256i stream
) {
    const __m256i from = load_unaligned(lanes.from[lane] + offset);
    store_unaligned(lanes.to[lane] + offset, _mm256_xor_si256(from, stream));
    if constexpr (Stash) {
        store(stash + lane * kLaneSize + offset, from);
    }
}

// Eight rows are 32 bytes of each lane, at `offset` in its block.
template <bool Stash>
PM_AVX2_INLINE void apply_rows(
    const Lanes& lanes, std::uint8_t* stash, std::size_t offset, const __m256i* rows
) {
    __m256i low[4];
    __m256i high[4];
    transpose(rows, low);
    transpose(rows + 4, high);
#pragma GCC unroll 4
    for (std::size_t lane = 0; lane < 4; ++lane) {
        apply_stream<Stash>(
            lanes, stash, lane, offset, _mm256_permute2x128_si256(low[lane], high[lane], 0x20)
        );
        apply_stream<Stash>(
            lanes, stash, lane + 4, offset, _mm256_permute2x128_si256(low[lane], high[lane], 0x31)
        );
    }
}

// RFC 8439 section 2.3: the stirred state plus the one it came from is the key stream.
template <bool Stash>
PM_AVX2_INLINE void apply(
    const PassState& state, const KeyRows& rows, const Lanes& lanes, std::uint8_t* stash
) {
    __m256i v[8];
#pragma GCC unroll 8
    for (std::size_t word = 0; word < 8; ++word) {
        v[word] = _mm256_add_epi32(load(state.row[word]), load(rows.word[word]));
    }
    apply_rows<Stash>(lanes, stash, 0, v);
#pragma GCC unroll 4
    for (std::size_t word = 0; word < 4; ++word) {
        v[word] = _mm256_add_epi32(load(state.row[8 + word]), load(rows.word[8 + word]));
    }
    v[4] = _mm256_add_epi32(load(state.row[12]), load(lanes.block_number));
    v[5] = load(state.row[13]);
    v[6] = _mm256_add_epi32(load(state.row[14]), load(lanes.counter_low));
    v[7] = _mm256_add_epi32(load(state.row[15]), load(lanes.counter_high));
    apply_rows<Stash>(lanes, stash, 32, v);
}

}  // namespace

PM_AVX2 void spread_key(KeyRows& rows, const std::uint8_t* key) {
    for (std::size_t word = 0; word < 4; ++word) {
        store(rows.word[word], _mm256_set1_epi32(static_cast<int>(kConstants[word])));
    }
    for (std::size_t word = 0; word < 8; ++word) {
        store(rows.word[4 + word], _mm256_set1_epi32(load_le<std::int32_t>(key + 4 * word)));
    }
}

PM_AVX2 void run_pass(
    PassState& state, const KeyRows& rows, const Lanes& lanes, std::uint8_t* stash,
    std::span<const SumLane> sums
) {
    PM_ASSERT(sums.size() <= kLaneCount);
    stir(state, rows, lanes, sums.data(), sums.size());
    if (stash != nullptr) {
        apply<true>(state, rows, lanes, stash);
    } else {
        apply<false>(state, rows, lanes, nullptr);
    }
}

void sum_blocks(PacketSum& packet, const std::uint8_t* from, const std::uint8_t* end) {
    add_blocks(packet, from, end);
}

}  // namespace phantom::crypto::avx2
