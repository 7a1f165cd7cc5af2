#include "pq/exchange.h"

#include <algorithm>

namespace phantom::pq {

namespace {

Roles as_initiator(const Party& party) {
    return {party.own_id, party.peer_id, party.own_static->public_key(), party.peer_static};
}

Roles as_responder(const Party& party) {
    return {party.peer_id, party.own_id, party.peer_static, party.own_static->public_key()};
}

template <class Bytes>
void set_tag(Bytes& message, const Tag& tag) {
    std::ranges::copy(tag, message.end() - kTagSize);
}

}  // namespace

Result<Initiated> initiate(const Party& party, const InitiateOptions& options, Random& random) {
    Initiated out;
    out.ephemeral = PM_TRY(party.kem->generate(random));
    out.x25519 = crypto::generate_private_key(random);
    out.handshake_hash = options.handshake_hash;
    out.salt = options.salt;
    random.fill(out.exchange);
    const auto sealed = PM_TRY(party.kem->encapsulate(party.peer_static, random));
    out.responder_static = sealed.secret;
    Offer offer;
    offer.sequence = options.sequence;
    offer.responds_with = options.salt.id;
    offer.session = session_tag(options.handshake_hash);
    offer.ephemeral = out.ephemeral->public_key();
    offer.x25519 = crypto::public_key_of(out.x25519);
    offer.to_static = sealed.ciphertext;
    out.offer = encode(offer);
    set_tag(
        out.offer, offer_tag(as_initiator(party), out.exchange, out.offer, out.responder_static)
    );
    return out;
}

Result<Opened> open_offer(
    const Party& party, const ExchangeId& exchange, std::span<const std::uint8_t, kOfferSize> offer
) {
    Opened out;
    out.exchange = exchange;
    out.offer = decode_offer(offer);
    std::ranges::copy(offer, out.bytes.begin());
    out.responder_static = PM_TRY(party.own_static->decapsulate(out.offer.to_static));
    const Tag tag = offer_tag(as_responder(party), exchange, out.bytes, out.responder_static);
    if (!crypto::equal_constant_time(tag, out.offer.tag)) {
        return fail(PqError::kNotAuthentic);
    }
    return out;
}

Result<Answered> answer_offer(
    const Party& party, const Opened& opened, const AnswerOptions& options, Random& random
) {
    const auto to_ephemeral = PM_TRY(party.kem->encapsulate(opened.offer.ephemeral, random));
    const auto to_static = PM_TRY(party.kem->encapsulate(party.peer_static, random));
    const PrivateKey x25519 = crypto::generate_private_key(random);
    // Not within the braces: leaving from there would not wipe the secrets copied so far.
    const auto classical = PM_TRY(crypto::x25519(x25519, opened.offer.x25519));
    const SharedSecrets secrets{
        .ephemeral = to_ephemeral.secret,
        .initiator_static = to_static.secret,
        .responder_static = opened.responder_static,
        .x25519 = classical,
    };
    Answer answer;
    answer.responds_with = options.responds_with;
    answer.salt = options.salt.id;
    answer.to_ephemeral = to_ephemeral.ciphertext;
    answer.x25519 = crypto::public_key_of(x25519);
    answer.to_static = to_static.ciphertext;
    Answered out{.answer = encode(answer), .keys = {}};
    out.keys = derive_keys(
        as_responder(party), {opened.exchange, opened.bytes, out.answer, options.handshake_hash},
        options.salt.key, secrets
    );
    set_tag(out.answer, out.keys.confirm_responder);
    return out;
}

Result<Concluded> conclude(
    const Party& party, const Initiated& initiated,
    std::span<const std::uint8_t, kAnswerSize> bytes, const Key& bootstrap
) {
    const Answer answer = decode_answer(bytes);
    const bool known = answer.salt == initiated.salt.id;
    if (!known && answer.salt != kBootstrapId) {
        return fail(PqError::kBadSalt);
    }
    const auto ephemeral = PM_TRY(initiated.ephemeral->decapsulate(answer.to_ephemeral));
    const auto initiator_static = PM_TRY(party.own_static->decapsulate(answer.to_static));
    const auto classical = PM_TRY(crypto::x25519(initiated.x25519, answer.x25519));
    const SharedSecrets secrets{
        .ephemeral = ephemeral,
        .initiator_static = initiator_static,
        .responder_static = initiated.responder_static,
        .x25519 = classical,
    };
    AnswerBytes whole;
    std::ranges::copy(bytes, whole.begin());
    Concluded out{
        .keys = derive_keys(
            as_initiator(party),
            {initiated.exchange, initiated.offer, whole, initiated.handshake_hash},
            known ? initiated.salt.key : bootstrap, secrets
        ),
        .peer_responds_with = answer.responds_with,
        .salt_was_known = known,
    };
    if (!crypto::equal_constant_time(out.keys.confirm_responder, answer.tag)) {
        return fail(PqError::kNotAuthentic);
    }
    return out;
}

}  // namespace phantom::pq
