#pragma once

// ChaCha20-Poly1305 (RFC 8439) for transport packets: AAD empty, nonce = 4 zero bytes and the
// little-endian 64-bit counter (WireGuard paper 5.4.6). Works on bursts of packets of one key,
// which is where multi-packet backends gain.
//
// One PacketAead per thread: it holds scratch state and is not shared.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/errors.h"
#include "crypto/secret.h"

namespace phantom::crypto {

inline constexpr std::size_t kAeadTagSize = 16;
// A longer burst is cut by the backend; callers size their batches by it.
inline constexpr std::size_t kAeadBurstMax = 128;

// Writes plaintext_size + kAeadTagSize bytes to `ciphertext`. In place (`ciphertext == plaintext`)
// or disjoint from every plaintext of the burst; any other overlap is the caller's bug. The order
// in which the packets of a burst are processed is not defined.
struct SealJob {
    const std::uint8_t* plaintext;
    std::uint8_t* ciphertext;
    std::size_t plaintext_size;
    std::uint64_t counter;
};

// `ciphertext` holds plaintext_size bytes and then the tag. In place or disjoint. After the call
// `authentic` tells whether the tag matched; when it did not, `plaintext` holds bytes that must not
// be looked at.
struct OpenJob {
    const std::uint8_t* ciphertext;
    std::uint8_t* plaintext;
    std::size_t plaintext_size;
    std::uint64_t counter;
    bool authentic;
};

class PacketAead {
  public:
    PacketAead() = default;
    PacketAead(const PacketAead&) = delete;
    PacketAead& operator=(const PacketAead&) = delete;
    virtual ~PacketAead() = default;

    [[nodiscard]] virtual std::string_view name() const = 0;
    virtual void seal(const Key& key, std::span<const SealJob> burst) = 0;
    virtual void open(const Key& key, std::span<OpenJob> burst) = 0;
};

enum class AeadBackend : std::uint8_t { kOwnAvx2, kImbAvx512, kImbAvx2, kImbSse, kOpenSsl };

// Those this processor can run, best first.
[[nodiscard]] std::vector<AeadBackend> available_aead_backends();
[[nodiscard]] std::string_view name_of(AeadBackend backend);
[[nodiscard]] Result<AeadBackend> aead_backend_by_name(std::string_view name);

// Runs a known-answer self-test before handing it out.
[[nodiscard]] Result<std::unique_ptr<PacketAead>> make_packet_aead(AeadBackend backend);

// The best available whose self-test holds.
[[nodiscard]] Result<std::unique_ptr<PacketAead>> make_best_packet_aead();

}  // namespace phantom::crypto
