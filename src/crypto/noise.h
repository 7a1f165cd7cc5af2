#pragma once

// The primitives of Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s, one call each, for handshakes: never for
// transport packets (see packet_aead.h).

#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/errors.h"
#include "crypto/secret.h"

namespace phantom::crypto {

inline constexpr std::size_t kHashSize = 32;
using Hash = std::array<std::uint8_t, kHashSize>;
using PublicKey = std::array<std::uint8_t, 32>;
using PrivateKey = Key;

// OpenSSL is the one the program was built for (>= 3.5) and its algorithms are there. Call once at
// start-up, before anything below.
[[nodiscard]] Status check_library();

// RFC 7748. Clamps.
[[nodiscard]] PrivateKey generate_private_key(Random& random);
[[nodiscard]] PublicKey public_key_of(const PrivateKey& key);
// kZeroSharedSecret for a low-order point (RFC 7748 section 6.1).
[[nodiscard]] Result<Key> x25519(const PrivateKey& key, const PublicKey& peer);

// RFC 7693 BLAKE2s-256 of a || b.
[[nodiscard]] Hash blake2s(ByteView a, ByteView b = {});
// Keyed BLAKE2s with a 16-byte digest (mac1, mac2, cookie). `key` is 16 or 32 bytes.
[[nodiscard]] std::array<std::uint8_t, 16> blake2s_mac(ByteView key, ByteView data);

// HKDF with HMAC-BLAKE2s as the paper's KDF_n(key, input): 1, 2 or 3 outputs.
void kdf(ByteView chaining_key, ByteView input, std::span<Key> out);

// RFC 8439 AEAD, 96-bit nonce of 4 zero bytes and LE64 counter. `out` is plaintext.size() + 16.
void aead_seal(
    const Key& key, std::uint64_t counter, ByteView plaintext, ByteView aad, MutableBytes out
);
// `out` is ciphertext.size() - 16. kNotAuthentic leaves `out` zeroed.
[[nodiscard]] Status aead_open(
    const Key& key, std::uint64_t counter, ByteView ciphertext, ByteView aad, MutableBytes out
);

// draft-irtf-cfrg-xchacha, 24-byte nonce.
void xaead_seal(
    const Key& key, std::span<const std::uint8_t, 24> nonce, ByteView plaintext, ByteView aad,
    MutableBytes out
);
[[nodiscard]] Status xaead_open(
    const Key& key, std::span<const std::uint8_t, 24> nonce, ByteView ciphertext, ByteView aad,
    MutableBytes out
);

}  // namespace phantom::crypto
