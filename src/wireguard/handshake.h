#pragma once

// Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s as WireGuard uses it (paper 5.4.1 to 5.4.5). Pure functions
// over explicit state: no peers, no indices, no clock, no macs (those are in cookie.h).
//
//     initiator                                     responder
//     create_initiation  --- initiation --->        read_initiation, authenticate_initiation
//     consume_response   <--- response ----         create_response
//
// Every Diffie-Hellman result of zero is refused (RFC 7748 section 6.1), so a message with a public
// key of low order is never answered.

#include <cstdint>

#include "base/random.h"
#include "base/result.h"
#include "crypto/noise.h"
#include "wire/message.h"
#include "wireguard/preshared_keys.h"
#include "wireguard/symmetric_state.h"
#include "wireguard/tai64n.h"

namespace phantom::wireguard {

struct StaticIdentity {
    crypto::PrivateKey private_key;
    crypto::PublicKey public_key{};
};

// Directions as seen by whom the function served.
struct TransportKeys {
    crypto::Key send;
    crypto::Key receive;
    crypto::Hash handshake_hash;
};

// What the initiator keeps until the response comes.
struct InitiatorHandshake {
    crypto::PrivateKey ephemeral;
    SymmetricState state;
    std::uint32_t local_index;
};

// What the responder knows between an initiation and its response.
struct ResponderHandshake {
    SymmetricState state;
    crypto::PublicKey remote_static{};
    crypto::PublicKey remote_ephemeral{};
    std::uint32_t remote_index;
};

struct InitiationOptions {
    const StaticIdentity& identity;
    const crypto::PublicKey& remote_static;
    const crypto::Key& static_static;  // DH of the two static keys, made once per peer
    Tai64n timestamp;
    std::uint32_t local_index;
};

// Fills all of `message` but the macs.
[[nodiscard]] Result<InitiatorHandshake> create_initiation(
    const InitiationOptions& options, Random& random, wire::Initiation& message
);

// Learns who claims to call. Proves only that the sender knows our public key.
[[nodiscard]] Result<ResponderHandshake> read_initiation(
    const StaticIdentity& identity, const wire::Initiation& message
);

// Proves that the claim is true; gives the timestamp that proves it fresh.
[[nodiscard]] Result<Tai64n> authenticate_initiation(
    ResponderHandshake& handshake, const crypto::Key& static_static, const wire::Initiation& message
);

struct ResponseOptions {
    const crypto::Key& preshared_key;
    std::uint32_t local_index;
};

[[nodiscard]] Result<TransportKeys> create_response(
    ResponderHandshake& handshake, const ResponseOptions& options, Random& random,
    wire::Response& message
);

struct AcceptedResponse {
    TransportKeys keys;
    // Of the pre-shared key that the responder used.
    bool control_only;
    std::uint64_t label;
};

// Tries each pre-shared key. The handshake stays as it was, so that a forged response does not end
// it.
[[nodiscard]] Result<AcceptedResponse> consume_response(
    const InitiatorHandshake& handshake, const StaticIdentity& identity,
    const PresharedKeys& preshared_keys, const wire::Response& message
);

}  // namespace phantom::wireguard
