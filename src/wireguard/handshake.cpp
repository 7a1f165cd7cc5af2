#include "wireguard/handshake.h"

namespace phantom::wireguard {

namespace {

constexpr auto kTypeInitiation = static_cast<std::uint32_t>(wire::MessageType::kInitiation);
constexpr auto kTypeResponse = static_cast<std::uint32_t>(wire::MessageType::kResponse);

// Noise "e": the ephemeral is hashed, and because there is a pre-shared key also mixed as a key.
void mix_ephemeral(SymmetricState& state, const crypto::PublicKey& ephemeral) {
    state.mix_key(ephemeral);
    state.mix_hash(ephemeral);
}

}  // namespace

// Paper 5.4.2.
Result<InitiatorHandshake> create_initiation(
    const InitiationOptions& options, Random& random, wire::Initiation& message
) {
    InitiatorHandshake handshake{
        crypto::generate_private_key(random), SymmetricState(options.remote_static),
        options.local_index
    };
    message = {};
    message.type = kTypeInitiation;
    message.sender_index = options.local_index;
    message.ephemeral = crypto::public_key_of(handshake.ephemeral);
    mix_ephemeral(handshake.state, message.ephemeral);

    const auto es = PM_TRY(crypto::x25519(handshake.ephemeral, options.remote_static));
    handshake.state.encrypt(
        handshake.state.mix_key_and_derive(es.view()), options.identity.public_key,
        message.encrypted_static
    );
    handshake.state.encrypt(
        handshake.state.mix_key_and_derive(options.static_static.view()), options.timestamp.bytes,
        message.encrypted_timestamp
    );
    return handshake;
}

Result<ResponderHandshake> read_initiation(
    const StaticIdentity& identity, const wire::Initiation& message
) {
    ResponderHandshake handshake{
        SymmetricState(identity.public_key), {}, message.ephemeral, message.sender_index
    };
    mix_ephemeral(handshake.state, message.ephemeral);
    const auto es = PM_TRY(crypto::x25519(identity.private_key, message.ephemeral));
    PM_TRY(handshake.state.decrypt(
        handshake.state.mix_key_and_derive(es.view()), message.encrypted_static,
        handshake.remote_static
    ));
    return handshake;
}

Result<Tai64n> authenticate_initiation(
    ResponderHandshake& handshake, const crypto::Key& static_static, const wire::Initiation& message
) {
    Tai64n timestamp;
    PM_TRY(handshake.state.decrypt(
        handshake.state.mix_key_and_derive(static_static.view()), message.encrypted_timestamp,
        timestamp.bytes
    ));
    return timestamp;
}

// Paper 5.4.3.
Result<TransportKeys> create_response(
    ResponderHandshake& handshake, const ResponseOptions& options, Random& random,
    wire::Response& message
) {
    const crypto::PrivateKey ephemeral = crypto::generate_private_key(random);
    message = {};
    message.type = kTypeResponse;
    message.sender_index = options.local_index;
    message.receiver_index = handshake.remote_index;
    message.ephemeral = crypto::public_key_of(ephemeral);
    mix_ephemeral(handshake.state, message.ephemeral);

    const auto ee = PM_TRY(crypto::x25519(ephemeral, handshake.remote_ephemeral));
    handshake.state.mix_key(ee.view());
    const auto se = PM_TRY(crypto::x25519(ephemeral, handshake.remote_static));
    handshake.state.mix_key(se.view());
    handshake.state.encrypt(
        handshake.state.mix_preshared_key(options.preshared_key), {}, message.encrypted_nothing
    );
    const SymmetricState::Split keys = handshake.state.split();
    return TransportKeys{
        keys.responder_to_initiator, keys.initiator_to_responder, handshake.state.handshake_hash()
    };
}

Result<AcceptedResponse> consume_response(
    const InitiatorHandshake& handshake, const StaticIdentity& identity,
    const PresharedKeys& preshared_keys, const wire::Response& message
) {
    SymmetricState agreed = handshake.state;
    mix_ephemeral(agreed, message.ephemeral);
    const auto ee = PM_TRY(crypto::x25519(handshake.ephemeral, message.ephemeral));
    agreed.mix_key(ee.view());
    const auto se = PM_TRY(crypto::x25519(identity.private_key, message.ephemeral));
    agreed.mix_key(se.view());
    for (const PresharedKey& candidate : preshared_keys.all()) {
        SymmetricState state = agreed;
        if (!state.decrypt(state.mix_preshared_key(candidate.key), message.encrypted_nothing, {})) {
            continue;
        }
        const SymmetricState::Split keys = state.split();
        return AcceptedResponse{
            {keys.initiator_to_responder, keys.responder_to_initiator, state.handshake_hash()},
            candidate.control_only,
            candidate.label
        };
    }
    return fail(crypto::CryptoError::kNotAuthentic);
}

}  // namespace phantom::wireguard
