#pragma once

// BLAKE2s (RFC 7693), keyed and unkeyed, digests of 1 to 32 bytes.
//
// Our own because of the cost of a call: WireGuard hashes 32 to 160 bytes at a time, more than
// sixty blocks a handshake. OpenSSL's EVP with reused contexts, and here: 270 and 188 ns for a hash
// of 64 bytes, 1,129 and 795 for an HMAC (README.md). EVP also gives the keyed 16-byte digest of
// mac1 only with a list of parameters on each call.
// Checked against the RFC's vectors and OpenSSL's BLAKE2S-256 in blake2s_test.cpp.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace phantom::crypto {

class Blake2s {
  public:
    static constexpr std::size_t kBlockSize = 64;
    static constexpr std::size_t kDigestSizeMax = 32;
    static constexpr std::size_t kKeySizeMax = 32;

    // `key` may be empty; at most kKeySizeMax bytes. `digest_size` is 1 to kDigestSizeMax.
    explicit Blake2s(std::size_t digest_size = kDigestSizeMax, ByteView key = {});
    Blake2s(const Blake2s&) = default;
    Blake2s& operator=(const Blake2s&) = default;
    // The state may hold a key.
    ~Blake2s();

    void update(ByteView data);
    // `out` has the digest's size. Ends this object's use.
    void finish(MutableBytes out);

  private:
    void compress(const std::uint8_t* block, std::size_t size, bool is_last);

    std::array<std::uint32_t, 8> state_;
    std::array<std::uint8_t, kBlockSize> pending_{};
    std::size_t pending_size_ = 0;
    std::uint64_t total_size_ = 0;
    std::size_t digest_size_;
};

}  // namespace phantom::crypto
