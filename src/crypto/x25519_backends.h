#pragma once

// The two ways to X25519 behind noise.h: our own where the processor has BMI2 and ADX, OpenSSL
// elsewhere. Inside this component only.

#include <cstdint>
#include <span>

namespace phantom::crypto {

using ByteView32 = std::span<const std::uint8_t, 32>;
using MutableBytes32 = std::span<std::uint8_t, 32>;

// `out` is all zeros for a point of small order.
void x25519_openssl(ByteView32 key, ByteView32 peer, MutableBytes32 out);
void x25519_public_openssl(ByteView32 key, MutableBytes32 out);

// Our own because a handshake is four of these on each side, nearly all of its time, and OpenSSL's
// public key is as slow as its agreement (crypto_bench): see README.md for the figures.
[[nodiscard]] bool is_own_x25519_supported();
void x25519_own(ByteView32 key, ByteView32 peer, MutableBytes32 out);
void x25519_public_own(ByteView32 key, MutableBytes32 out);

}  // namespace phantom::crypto
