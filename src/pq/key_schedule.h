#pragma once

// From shared secrets to keys: NIST SP 800-56C rev. 2, section 5 (extract, then expand) with
// HKDF-SHA-256. Nothing is XORed, and everything that was said is bound.

#include "pq/messages.h"

namespace phantom::pq {

// Who takes part, as both sides see it.
struct Roles {
    NodeId initiator;
    NodeId responder;
    KemPublicKey initiator_static;
    KemPublicKey responder_static;
};

struct SharedSecrets {
    Key ephemeral;         // ss_e: encapsulated to the initiator's ephemeral key
    Key initiator_static;  // ss_si
    Key responder_static;  // ss_sr
    Key x25519;
};

struct DerivedKeys {
    Psk psk;  // `since` is left for the caller
    Tag confirm_responder;
    Tag confirm_initiator;
    Tag acknowledge;
};

[[nodiscard]] SessionTag session_tag(const Hash& handshake_hash);

// The tag of an offer: whoever holds the receiver's static key sees that no bit of it was changed.
// It says nothing about who sent it.
[[nodiscard]] Tag offer_tag(
    const Roles& roles, const ExchangeId& exchange, const OfferBytes& offer, const Key& to_static
);

// What both sides said. The tags at the ends of the messages are not part of it.
struct Transcript {
    const ExchangeId& exchange;
    const OfferBytes& offer;
    const AnswerBytes& answer;
    const Hash& handshake_hash;  // of the WireGuard session that the offer names
};

// `salt` is the key that both agreed to build on.
[[nodiscard]] DerivedKeys derive_keys(
    const Roles& roles, const Transcript& said, const Key& salt, const SharedSecrets& secrets
);

}  // namespace phantom::pq
