#pragma once

// Value types of the exchange.

#include <array>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "crypto/ml_kem.h"
#include "crypto/noise.h"

namespace phantom::pq {

using crypto::Hash;
using crypto::KemCiphertext;
using crypto::KemPublicKey;
using crypto::Key;
using crypto::PrivateKey;
using crypto::PublicKey;

// A node's pinned identity, a hash over its public keys.
using NodeId = std::array<std::uint8_t, 32>;
using ExchangeId = std::array<std::uint8_t, 16>;
using Tag = std::array<std::uint8_t, 32>;

// Names a pre-shared key without telling anything about it. All zero: the bootstrap value.
using PskId = std::array<std::uint8_t, 8>;
inline constexpr PskId kBootstrapId{};

// Names a WireGuard session, by its handshake hash, without telling the hash.
using SessionTag = std::array<std::uint8_t, 8>;

struct Psk {
    PskId id{};
    Key key;
    Instant since;  // when this side made it

    [[nodiscard]] bool is_bootstrap() const { return id == kBootstrapId; }
};

}  // namespace phantom::pq
