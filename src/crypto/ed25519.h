#pragma once

// Ed25519 (RFC 8032, pure) through OpenSSL: the classical half of signature.h.

#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/errors.h"
#include "crypto/pkey.h"

namespace phantom::crypto {

inline constexpr std::size_t kEd25519SeedSize = 32;
inline constexpr std::size_t kEd25519PublicKeySize = 32;
inline constexpr std::size_t kEd25519SignatureSize = 64;

// May sign from several threads at once. OpenSSL wipes the key when it goes.
class Ed25519Key {
  public:
    // RFC 8032 section 5.1.5: the seed is the private key.
    explicit Ed25519Key(std::span<const std::uint8_t, kEd25519SeedSize> seed);

    void copy_public_key(std::span<std::uint8_t, kEd25519PublicKeySize> out) const;
    void sign(ByteView message, std::span<std::uint8_t, kEd25519SignatureSize> out) const;

  private:
    PkeyHandle pkey_;
};

// RFC 8032 section 5.1.7, with S below the group order, so that a signature has one form only.
// kMalformedKey, kMalformedSignature, kBadSignature.
[[nodiscard]] Status ed25519_verify(ByteView public_key, ByteView message, ByteView signature);

}  // namespace phantom::crypto
