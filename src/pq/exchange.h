#pragma once

// The four steps of an exchange as pure functions: who calls them when is peer.h's.

#include <memory>

#include "pq/kem.h"
#include "pq/key_schedule.h"

namespace phantom::pq {

// This node and its peer. The static keys come from signed descriptors: they are what authenticates.
struct Party {
    NodeId own_id;
    NodeId peer_id;
    const DecapsulationKey* own_static;
    KemPublicKey peer_static;
    const Kem* kem;
};

// ---- Initiator ----------------------------------------------------------------------------------

struct Initiated {
    ExchangeId exchange{};
    OfferBytes offer{};
    std::unique_ptr<DecapsulationKey> ephemeral;
    PrivateKey x25519;
    Key responder_static;  // ss_sr
    Hash handshake_hash{};
    Psk salt;  // what we respond with now
};

struct InitiateOptions {
    const Hash& handshake_hash;
    const Psk& salt;
    std::uint64_t sequence;
};

[[nodiscard]] Result<Initiated> initiate(
    const Party& party, const InitiateOptions& options, Random& random
);

struct Concluded {
    DerivedKeys keys;
    PskId peer_responds_with;
    bool salt_was_known;  // false: both fell back to the bootstrap value
};

// kNotAuthentic, kBadSalt: the initiator goes on waiting, for the genuine answer.
[[nodiscard]] Result<Concluded> conclude(
    const Party& party, const Initiated& initiated,
    std::span<const std::uint8_t, kAnswerSize> bytes, const Key& bootstrap
);

// ---- Responder ----------------------------------------------------------------------------------

struct Opened {
    ExchangeId exchange{};
    OfferBytes bytes{};
    Offer offer{};
    Key responder_static;  // ss_sr
};

// kNotAuthentic: changed on its way, or not made for this pair of nodes.
[[nodiscard]] Result<Opened> open_offer(
    const Party& party, const ExchangeId& exchange, std::span<const std::uint8_t, kOfferSize> offer
);

struct Answered {
    AnswerBytes answer;
    DerivedKeys keys;
};

struct AnswerOptions {
    const Hash& handshake_hash;
    const Psk& salt;  // the key that the offer names, else the bootstrap value
    const PskId& responds_with;
};

[[nodiscard]] Result<Answered> answer_offer(
    const Party& party, const Opened& opened, const AnswerOptions& options, Random& random
);

}  // namespace phantom::pq
