#include "crypto/blake2s.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "crypto/secret.h"

namespace phantom::crypto {

namespace {

// RFC 7693 section 2.6: the first 32 bits of the fractional parts of the square roots of 2..19.
constexpr std::array<std::uint32_t, 8> kIv = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

// RFC 7693 section 2.7.
constexpr std::uint8_t kSigma[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

using Words = std::array<std::uint32_t, 16>;

// RFC 7693 section 3.1, the mixing function G.
inline void mix(
    std::uint32_t& a, std::uint32_t& b, std::uint32_t& c, std::uint32_t& d, std::uint32_t x,
    std::uint32_t y
) {
    a += b + x;
    d = std::rotr(d ^ a, 16);
    c += d;
    b = std::rotr(b ^ c, 12);
    a += b + y;
    d = std::rotr(d ^ a, 8);
    c += d;
    b = std::rotr(b ^ c, 7);
}

// A template argument, so that each index into the message is a constant.
template <std::size_t Round>
inline void mix_round(Words& v, const Words& m) {
    constexpr auto& kOrder = kSigma[Round];
    mix(v[0], v[4], v[8], v[12], m[kOrder[0]], m[kOrder[1]]);
    mix(v[1], v[5], v[9], v[13], m[kOrder[2]], m[kOrder[3]]);
    mix(v[2], v[6], v[10], v[14], m[kOrder[4]], m[kOrder[5]]);
    mix(v[3], v[7], v[11], v[15], m[kOrder[6]], m[kOrder[7]]);
    mix(v[0], v[5], v[10], v[15], m[kOrder[8]], m[kOrder[9]]);
    mix(v[1], v[6], v[11], v[12], m[kOrder[10]], m[kOrder[11]]);
    mix(v[2], v[7], v[8], v[13], m[kOrder[12]], m[kOrder[13]]);
    mix(v[3], v[4], v[9], v[14], m[kOrder[14]], m[kOrder[15]]);
}

template <std::size_t... Round>
inline void mix_all(Words& v, const Words& m, std::index_sequence<Round...> /*rounds*/) {
    (mix_round<Round>(v, m), ...);
}

}  // namespace

Blake2s::Blake2s(std::size_t digest_size, ByteView key) : state_(kIv), digest_size_(digest_size) {
    PM_ASSERT(digest_size >= 1);
    PM_ASSERT(digest_size <= kDigestSizeMax);
    PM_ASSERT(key.size() <= kKeySizeMax);
    // RFC 7693 section 3.3: parameter block 0x0101kknn.
    state_[0] ^= static_cast<std::uint32_t>(0x01010000U | (key.size() << 8U) | digest_size);
    if (!key.empty()) {
        std::memcpy(pending_.data(), key.data(), key.size());
        pending_size_ = kBlockSize;
    }
}

Blake2s::~Blake2s() {
    wipe({reinterpret_cast<std::uint8_t*>(state_.data()), sizeof state_});
    wipe(pending_);
}

void Blake2s::update(ByteView data) {
    // The last block is compressed with a flag, so a full one waits until more comes.
    while (!data.empty()) {
        if (pending_size_ == kBlockSize) {
            compress(pending_.data(), kBlockSize, false);
            pending_size_ = 0;
        }
        const std::size_t take = std::min(data.size(), kBlockSize - pending_size_);
        std::memcpy(pending_.data() + pending_size_, data.data(), take);
        pending_size_ += take;
        data = data.subspan(take);
    }
}

void Blake2s::finish(MutableBytes out) {
    PM_ASSERT(out.size() == digest_size_);
    std::memset(pending_.data() + pending_size_, 0, kBlockSize - pending_size_);
    compress(pending_.data(), pending_size_, true);
    std::memcpy(out.data(), state_.data(), out.size());
}

// RFC 7693 section 3.2, the compression function F.
void Blake2s::compress(const std::uint8_t* block, std::size_t size, bool is_last) {
    total_size_ += size;
    Words m;
    std::memcpy(m.data(), block, sizeof m);
    Words v;
    std::ranges::copy(state_, v.begin());
    std::ranges::copy(kIv, v.begin() + 8);
    v[12] ^= static_cast<std::uint32_t>(total_size_);
    v[13] ^= static_cast<std::uint32_t>(total_size_ >> 32U);
    v[14] ^= is_last ? 0xffffffffU : 0U;
    mix_all(v, m, std::make_index_sequence<10>{});
    for (std::size_t index = 0; index < state_.size(); ++index) {
        state_[index] ^= v[index] ^ v[index + 8];
    }
}

}  // namespace phantom::crypto
