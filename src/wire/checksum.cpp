#include "wire/checksum.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace phantom::wire {

namespace {

// 32-bit words into a 64-bit sum: 2^32 of them fit before it could overflow.
std::uint64_t add_words(const std::uint8_t* at, std::size_t size, std::uint64_t sum) {
    for (; size >= 4; size -= 4, at += 4) {
        sum += load_le<std::uint32_t>(at);
    }
    if (size >= 2) {
        sum += load_le<std::uint16_t>(at);
        at += 2;
        size -= 2;
    }
    if (size == 1) {
        sum += *at;
    }
    return sum;
}

#if defined(__x86_64__)

constexpr std::size_t kVectorBlock = 64;

// Both halves of each 64-bit lane, widened, into four lanes of sums. Each inner byte passes here
// once on its way, so this is on every packet's bill (checksum_bench.cpp).
[[gnu::target("avx2")]] std::uint64_t add_blocks_avx2(
    const std::uint8_t* at, std::size_t block_count, std::uint64_t sum
) {
    const __m256i low_half = _mm256_set1_epi64x(0xffffffff);
    __m256i even = _mm256_setzero_si256();
    __m256i odd = _mm256_setzero_si256();
    for (; block_count > 0; --block_count, at += kVectorBlock) {
        const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
        const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 32));
        even = _mm256_add_epi64(even, _mm256_and_si256(a, low_half));
        odd = _mm256_add_epi64(odd, _mm256_srli_epi64(a, 32));
        even = _mm256_add_epi64(even, _mm256_and_si256(b, low_half));
        odd = _mm256_add_epi64(odd, _mm256_srli_epi64(b, 32));
    }
    alignas(32) std::uint64_t lanes[4];
    _mm256_store_si256(reinterpret_cast<__m256i*>(lanes), _mm256_add_epi64(even, odd));
    return sum + lanes[0] + lanes[1] + lanes[2] + lanes[3];
}

const bool kHasAvx2 = __builtin_cpu_supports("avx2") != 0;

#endif

}  // namespace

std::uint64_t checksum_add(ByteView data, std::uint64_t sum) {
    std::size_t done = 0;
#if defined(__x86_64__)
    if (kHasAvx2 && data.size() >= kVectorBlock) {
        const std::size_t block_count = data.size() / kVectorBlock;
        sum = add_blocks_avx2(data.data(), block_count, sum);
        done = block_count * kVectorBlock;
    }
#endif
    return add_words(data.data() + done, data.size() - done, sum);
}

std::uint16_t checksum_fold(std::uint64_t sum) {
    sum = (sum & 0xffffffffU) + (sum >> 32U);
    sum = (sum & 0xffffffffU) + (sum >> 32U);
    sum = (sum & 0xffffU) + (sum >> 16U);
    sum = (sum & 0xffffU) + (sum >> 16U);
    sum = (sum & 0xffffU) + (sum >> 16U);
    return static_cast<std::uint16_t>(sum);
}

std::uint64_t pseudo_header_sum(
    ByteView addresses, std::uint8_t protocol, std::size_t transport_size
) {
    std::uint8_t tail[8] = {};
    store_be<std::uint32_t>(tail, static_cast<std::uint32_t>(transport_size));
    tail[7] = protocol;
    return checksum_add(tail, checksum_add(addresses));
}

}  // namespace phantom::wire
