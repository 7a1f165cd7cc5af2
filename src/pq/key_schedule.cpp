#include "pq/key_schedule.h"

#include <algorithm>
#include <string_view>

#include "base/assert.h"
#include "crypto/hkdf.h"
#include "crypto/sha256.h"

namespace phantom::pq {

namespace {

using crypto::sha256;

// Every label has the same size, so that no two inputs of a hash can be cut differently.
constexpr std::size_t kLabelSize = 24;
using Label = std::array<std::uint8_t, kLabelSize>;

consteval Label label(std::string_view text) {
    Label padded{};
    std::ranges::copy(text, padded.begin());
    return padded;
}

constexpr Label kSession = label("PhantomMesh pq1 session");
constexpr Label kOffer = label("PhantomMesh pq1 offer");
constexpr Label kExchange = label("PhantomMesh pq1 exchange");
constexpr Label kPsk = label("PhantomMesh pq1 psk");
constexpr Label kPskId = label("PhantomMesh pq1 psk id");
constexpr Label kConfirmR = label("PhantomMesh pq1 confirmR");
constexpr Label kConfirmI = label("PhantomMesh pq1 confirmI");
constexpr Label kAck = label("PhantomMesh pq1 ack");

constexpr std::size_t kSecretsSize = 4 * 32;

ByteView without_tag(ByteView message) {
    return message.first(message.size() - kTagSize);
}

Hash hash_of(const Roles& roles, const Transcript& said) {
    return sha256(
        {kExchange, roles.initiator, roles.responder, roles.initiator_static,
         roles.responder_static, said.exchange, without_tag(said.offer), without_tag(said.answer),
         said.handshake_hash}
    );
}

// One labelled output of one input.
void output(
    const Label& what, ByteView ikm, ByteView salt, const Hash& transcript, MutableBytes out
) {
    std::array<std::uint8_t, kLabelSize + crypto::kHashSize> info;
    std::ranges::copy(what, info.begin());
    std::ranges::copy(transcript, info.begin() + kLabelSize);
    const Status derived = crypto::hkdf_sha256(ikm, salt, info, out);
    PM_ASSERT(derived.has_value());
}

crypto::Secret<kSecretsSize> join(const SharedSecrets& secrets) {
    crypto::Secret<kSecretsSize> joined;
    auto at = joined.bytes().begin();
    for (const Key* const secret :
         {&secrets.ephemeral, &secrets.initiator_static, &secrets.responder_static, &secrets.x25519
         }) {
        at = std::ranges::copy(secret->view(), at).out;
    }
    return joined;
}

}  // namespace

SessionTag session_tag(const Hash& handshake_hash) {
    const Hash digest = sha256({kSession, handshake_hash});
    SessionTag tag;
    std::copy_n(digest.begin(), tag.size(), tag.begin());
    return tag;
}

Tag offer_tag(
    const Roles& roles, const ExchangeId& exchange, const OfferBytes& offer, const Key& to_static
) {
    const Hash said = sha256(
        {kOffer, roles.initiator, roles.responder, roles.initiator_static, roles.responder_static,
         exchange, without_tag(offer)}
    );
    Tag tag;
    output(kOffer, to_static.view(), {}, said, tag);
    return tag;
}

DerivedKeys derive_keys(
    const Roles& roles, const Transcript& said, const Key& salt, const SharedSecrets& secrets
) {
    const Hash transcript = hash_of(roles, said);
    const auto ikm = join(secrets);
    DerivedKeys keys;
    output(kPsk, ikm.view(), salt.view(), transcript, keys.psk.key.bytes());
    output(kPskId, ikm.view(), salt.view(), transcript, keys.psk.id);
    output(kConfirmR, ikm.view(), salt.view(), transcript, keys.confirm_responder);
    output(kConfirmI, ikm.view(), salt.view(), transcript, keys.confirm_initiator);
    output(kAck, ikm.view(), salt.view(), transcript, keys.acknowledge);
    if (keys.psk.id == kBootstrapId) {
        keys.psk.id.back() = 1;  // once in 2^64: zero means the bootstrap value
    }
    return keys;
}

}  // namespace phantom::pq
