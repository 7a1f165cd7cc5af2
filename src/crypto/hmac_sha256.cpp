#include "crypto/hmac_sha256.h"

#include <algorithm>
#include <array>

#include "crypto/sha256.h"

namespace phantom::crypto {

namespace {

constexpr std::size_t kSha256BlockSize = 64;
using Sha256Block = std::array<std::uint8_t, kSha256BlockSize>;

Sha256Block padded_key(const Sha256Block& key, std::uint8_t pad) {
    Sha256Block padded;
    std::ranges::transform(key, padded.begin(), [pad](std::uint8_t byte) {
        return static_cast<std::uint8_t>(byte ^ pad);
    });
    return padded;
}

}  // namespace

Hash hmac_sha256(ByteView key, ByteView message) {
    Sha256Block block{};
    if (key.size() > kSha256BlockSize) {
        std::ranges::copy(sha256({key}), block.begin());
    } else {
        std::ranges::copy(key, block.begin());
    }
    constexpr std::uint8_t kInner = 0x36;
    constexpr std::uint8_t kOuter = 0x5c;
    const Hash inner = sha256({padded_key(block, kInner), message});
    return sha256({padded_key(block, kOuter), inner});
}

}  // namespace phantom::crypto
