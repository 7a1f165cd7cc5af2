// Holders of a token: what they ask for, and what they get. The guest's WireGuard key and pre-shared
// key come from the token's secret, so whoever speaks here holds one.

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.h"
#include "crypto/secret.h"
#include "daemon/mesh_node.h"
#include "daemon/own_endpoints.h"

namespace phantom::daemon {

// Spent and expired tokens too, for a day, so that their holder hears why; and where the root is not
// held any more.
void MeshNode::admit_guests() {
    constexpr std::uint64_t kExplainForS = 86'400;
    const identity::UnixTime now = unix_now();
    const auto erased = std::erase_if(state_.tokens, [&](const identity::IssuedToken& each) {
        return each.expiry.plus(kExplainForS) < now;
    });
    if (erased > 0) {
        (void)state_.store.save_tokens(state_.tokens);
    }
    wireguard::DeviceUpdate update;
    for (const identity::IssuedToken& token : state_.tokens) {
        if (guests_.contains(token.guest_public_key)) {
            continue;
        }
        guests_[token.guest_public_key];
        wireguard::PeerUpdate& peer = update.peers.emplace_back();
        peer.public_key = token.guest_public_key;
        peer.preshared_keys = {{token.preshared_key, true, 0}};
    }
    if (const Status applied = tunnel_.apply(update); !applied) {
        log::error("guests: {}", applied.error().message());
    }
}

identity::IssuedToken* MeshNode::token_of(const crypto::PublicKey& guest) {
    const auto at =
        std::ranges::find(state_.tokens, guest, &identity::IssuedToken::guest_public_key);
    return at == state_.tokens.end() ? nullptr : &*at;
}

void MeshNode::on_guest_message(const crypto::PublicKey& guest, ByteView payload) {
    const auto at = guests_.find(guest);
    if (at == guests_.end()) {
        return;
    }
    const auto message = at->second.assembler.add(payload, monotonic_now());
    const auto decoded = message ? mesh::decode(*message)
                                 : Result<mesh::AnyMessage>(fail(mesh::MeshError::kMalformed));
    if (!decoded) {
        return;
    }
    if (const auto* request = std::get_if<mesh::JoinRequest>(&*decoded)) {
        send({guest, mesh::encode(answer_guest(guest, *request)), std::nullopt});
        return;
    }
    if (const auto* record = std::get_if<mesh::Record>(&*decoded)) {
        const auto member = identity::MemberRecord::decode(record->member);
        const identity::IssuedToken* token = token_of(guest);
        if (!member || token == nullptr ||
            std::ranges::find(token->used_by, member->descriptor.node) == token->used_by.end()) {
            return;  // not what this guest was granted
        }
        mesh::Actions actions;
        const Status added = mesh_.add(*member, unix_now(), actions);
        carry_out(actions);
        if (!added) {
            log::warning("a guest's record: {}", added.error().message());
            return;
        }
        // The acknowledgement: we know you.
        send({guest, mesh::encode(mesh_.directory().summarise()), std::nullopt});
    }
}

// Who joins is called after the keys it has. Keys that a member has changed are nobody's any more.
bool MeshNode::are_first_keys(const identity::Descriptor& descriptor) const {
    const identity::KeysHash keys = descriptor.keys.hash();
    return descriptor.node.bytes == keys.bytes && descriptor.generation() == 0 &&
           state_.issued.generation_of(descriptor.node, keys) == 0;
}

// Whose WireGuard key it is must stay clear: possession is proved only by the first handshake.
bool MeshNode::key_is_taken(const crypto::PublicKey& key, const identity::NodeId& node) const {
    const auto* owner = mesh_.directory().find(key);
    return (owner != nullptr && owner->descriptor.node != node) || guests_.contains(key) ||
           (node != mesh_.id() && key == state_.keys->public_keys().wireguard);
}

bool MeshNode::name_is_taken(const identity::Label& name, const identity::NodeId& node) const {
    return state_.issued.name_is_taken(name, node);
}

// The certificate of `descriptor`'s node in granted_; the one it has when it asks again.
Status MeshNode::grant(
    const identity::Descriptor& descriptor, const identity::IssuedToken& token,
    identity::UnixTime now
) {
    const identity::NodeId node = descriptor.node;
    if (granted_.contains(node)) {
        return {};
    }
    identity::Certificate certificate;
    certificate.node = node;
    certificate.keys = descriptor.keys.hash();
    certificate.keys_since = now;
    certificate.name = descriptor.name;
    certificate.overlay_v4 = choose_v4(node, [&](const wire::Address& address) {
        return state_.issued.address_is_taken(address, node);
    });
    certificate.tags = token.tags;
    random_.fill(certificate.serial);
    certificate.not_before = now;
    certificate.expiry = now.plus(kCertificateLifetimeS);
    PM_TRY(certificate.issue(*state_.root));
    PM_TRY(note_issued(certificate));
    granted_[node] = certificate;
    log::info("{} ({}) is admitted", descriptor.name.text(), node.short_text());
    return {};
}

mesh::AnyMessage MeshNode::answer_guest(
    const crypto::PublicKey& guest, const mesh::JoinRequest& request
) {
    using mesh::JoinRefusal;
    using mesh::Refusal;
    identity::IssuedToken* token = token_of(guest);
    const identity::UnixTime now = unix_now();
    if (token == nullptr) {
        return JoinRefusal{Refusal::kBadRequest};
    }
    if (!state_.root) {
        return JoinRefusal{Refusal::kSealed};
    }
    const auto proof = crypto::blake2s_mac(token->proof_key.view(), request.descriptor);
    const auto descriptor = identity::Descriptor::decode(request.descriptor);
    if (!crypto::equal_constant_time(proof, request.proof) || !descriptor ||
        !descriptor->verify(now) || descriptor->mesh != mesh_.self().descriptor.mesh ||
        !are_first_keys(*descriptor)) {
        return JoinRefusal{Refusal::kBadRequest};
    }
    recall_issued_when_stale();
    const identity::NodeId node = descriptor->node;
    if (mesh_.directory().revocations().contains(node)) {
        return JoinRefusal{Refusal::kRevoked};
    }
    if (key_is_taken(descriptor->keys.wireguard, node)) {
        return JoinRefusal{Refusal::kBadRequest};
    }
    if (name_is_taken(descriptor->name, node)) {
        return JoinRefusal{Refusal::kNameTaken};
    }
    const std::uint8_t uses_before = token->uses_left;
    if (const Status used = token->use(node, now); !used) {
        return JoinRefusal{
            used.error().is(identity::IdentityError::kExpired) ? Refusal::kTokenExpired
                                                               : Refusal::kTokenSpent
        };
    }
    // Spent on disk before it is spent on the wire: a crash cannot give the use back.
    if (token->uses_left != uses_before) {
        if (const auto saved = state_.store.save_tokens(state_.tokens); !saved) {
            log::error("{}", saved.error().message());
            return JoinRefusal{Refusal::kBadRequest};
        }
    }
    if (!grant(*descriptor, *token, now)) {
        return JoinRefusal{Refusal::kBadRequest};
    }
    const auto certificate = granted_[node].encode();
    const auto introducer = mesh_.self().encode();
    if (!certificate || !introducer) {
        return JoinRefusal{Refusal::kBadRequest};
    }
    return mesh::JoinGrant{state_.membership.root, *certificate, *introducer};
}

std::string token_id(const identity::IssuedToken& token) {
    return fmt::format("{:02x}", fmt::join(std::span(token.secret_hash).first(4), ""));
}

OrSentence<identity::JoinToken> MeshNode::create_token(Invitation invitation) {
    if (!state_.root) {
        return std::unexpected(sentence_without_root("invite"));
    }
    identity::JoinToken token;
    token.mesh = mesh_.self().descriptor.mesh;
    token.introducer = state_.keys->public_keys().wireguard;
    random_.fill(token.secret.bytes());
    token.expiry = unix_now().plus(invitation.lifetime_s);
    token.uses = invitation.uses;
    token.carrier_port = mesh_.self().descriptor.carrier_port();
    if (!state_.membership.endpoint.empty()) {
        const auto given = identity::TokenEndpoint::parse(state_.membership.endpoint);
        if (!given) {
            return std::unexpected(
                "--endpoint '" + state_.membership.endpoint + "': HOST:PORT is needed"
            );
        }
        token.endpoints.push_back(*given);
    }
    for (const wire::SocketAddress& each : mesh_.self().descriptor.endpoints) {
        const identity::TokenEndpoint endpoint{each.address, each.port};
        if (token.endpoints.size() < identity::kTokenEndpointsMax &&
            std::ranges::find(token.endpoints, endpoint) == token.endpoints.end()) {
            token.endpoints.push_back(endpoint);
        }
    }
    if (token.endpoints.empty()) {
        return std::unexpected(
            "this machine has no address but loopback: say with --endpoint HOST:PORT how others "
            "reach it"
        );
    }
    std::ranges::sort(invitation.tags);
    const auto issued = identity::IssuedToken::of(token, std::move(invitation.tags));
    if (!issued) {
        return std::unexpected(std::string(issued.error().what()));
    }
    state_.tokens.push_back(*issued);
    if (const auto saved = state_.store.save_tokens(state_.tokens); !saved) {
        state_.tokens.pop_back();
        return std::unexpected(saved.error().message());
    }
    admit_guests();
    return token;
}

// Its guest is still answered, so that the holder is told.
std::optional<std::string> MeshNode::revoke_token(const std::string& id) {
    identity::IssuedToken* found = nullptr;
    for (identity::IssuedToken& each : state_.tokens) {
        if (!id.empty() && token_id(each).starts_with(id)) {
            if (found != nullptr) {
                return "several tokens begin with " + id + ": say more of it";
            }
            found = &each;
        }
    }
    if (found == nullptr) {
        return "no token begins with '" + id + "'; 'phantom token list' shows them";
    }
    const std::uint8_t uses_left = std::exchange(found->uses_left, 0);
    if (const auto saved = state_.store.save_tokens(state_.tokens); !saved) {
        found->uses_left = uses_left;
        return saved.error().message();
    }
    return std::nullopt;
}

}  // namespace phantom::daemon
