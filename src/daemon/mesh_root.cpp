// What a holder of the root does with it, and remembers of it: whom it admitted, under which name and
// address, and who is put out. Members that are out of sight are known by it, too.

#include "base/log.h"
#include "daemon/mesh_node.h"

namespace phantom::daemon {

// What was issued before there was a list of it, or by another holder of the root, is learned from the
// members and the revocations.
void MeshNode::recall_issued() {
    issued_stale_ = false;
    if (!state_.root) {
        return;
    }
    const identity::IssuedPlaces before = state_.issued;
    (void)state_.issued.prune(unix_now());
    for (const auto& [node, revocation] : mesh_.directory().revocations().entries()) {
        state_.issued.forget(node);
    }
    (void)state_.issued.note(mesh_.self().certificate);
    for (const auto& member : mesh_.directory().everybody()) {
        (void)state_.issued.note(member->certificate);
    }
    if (state_.issued == before) {
        return;
    }
    if (const auto saved = state_.store.save_issued_places(state_.issued); !saved) {
        log::error("{}", saved.error().message());
    }
}

void MeshNode::recall_issued_when_stale() {
    if (issued_stale_) {
        recall_issued();
    }
}

// On disk before the certificate leaves this node.
Status MeshNode::note_issued(const identity::Certificate& certificate) {
    PM_TRY(state_.issued.note(certificate));
    if (const auto saved = state_.store.save_issued_places(state_.issued); !saved) {
        log::error("{}", saved.error().message());
        return std::unexpected(saved.error().cause);
    }
    return {};
}

// A member asked for its next certificate, and may have it.
void MeshNode::renew(const mesh::Renewal& renewal) {
    const auto* member = mesh_.directory().find(renewal.node);
    if (!state_.root || member == nullptr) {
        return;
    }
    if (restriction_of(renewal.node).is_suspended) {
        log::warning(
            "{}: no new certificate while it is suspended", member->certificate.name.text()
        );
        return;
    }
    mesh::Actions actions;
    const auto give = [&]() -> Status {
        const identity::NodePublicKeys& keys = renewal.descriptor.keys;
        if (key_is_taken(keys.wireguard, renewal.node)) {
            return fail(identity::IdentityError::kContradiction);
        }
        const mesh::NextKeys wanted{
            .hash = keys.hash(),
            .generation = state_.issued.generation_of(renewal.node, keys.hash()),
        };
        const auto next =
            PM_TRY(mesh::renew(member->certificate, wanted, *state_.root, unix_now(), random_));
        PM_TRY(note_issued(next));
        return mesh_.grant(next, unix_now(), actions);
    };
    const std::string name = member->certificate.name.text();
    if (const Status given = give(); !given) {
        log::warning("{}: no new certificate: {}", name, given.error().message());
    } else {
        log::info("{}: a new certificate", name);
    }
    carry_out(actions);
}

std::optional<std::string> MeshNode::revoke(const std::string& name) {
    if (!state_.root) {
        return sentence_without_root("put a member out");
    }
    recall_issued_when_stale();
    const auto node = state_.issued.find_name(name);
    if (!node) {
        return "no member is called " + name;
    }
    if (*node == mesh_.id()) {
        return "a node cannot put itself out: run this on another one, after 'phantom root unseal' "
               "there";
    }
    identity::Revocation revocation;
    revocation.node = *node;
    revocation.time = unix_now();
    // Longer than any certificate that the member may have been given.
    revocation.keep_until = revocation.time.plus(kCertificateLifetimeS);
    if (const Status issued = revocation.issue(*state_.root); !issued) {
        return issued.error().message();
    }
    mesh::Actions actions;
    const Status revoked = mesh_.revoke(revocation, unix_now(), actions);
    carry_out(actions);
    if (!revoked) {
        return revoked.error().message();
    }
    save_members();  // of one that is out of sight nothing else was changed
    granted_.erase(*node);
    state_.issued.forget(*node);
    if (const auto saved = state_.store.save_issued_places(state_.issued); !saved) {
        return saved.error().message();
    }
    return std::nullopt;
}

}  // namespace phantom::daemon
