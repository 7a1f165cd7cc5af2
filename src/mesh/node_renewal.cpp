// The next certificate, maybe for our next keys: asked for, passed on to whoever holds the root, and
// taken.

#include <algorithm>
#include <utility>

#include "mesh/node.h"

namespace phantom::mesh {

void Node::rotate(const identity::NodeKeys& next) {
    next_keys_ = &next;
    renewal_ = {};
    next_maintenance_ = {};
}

// What the root's node is asked to certify: our own word, or that of our next keys.
Result<identity::Descriptor> Node::wanted_descriptor(identity::UnixTime wall) const {
    if (!is_rotating()) {
        return self_.descriptor;
    }
    identity::MemberRecord wanted = self_;
    PM_TRY(sign(wanted, *next_keys_, wall));
    return wanted.descriptor;
}

// One of those that say they admit: whether it holds the root its answer will show.
void Node::ask_for_renewal(Instant now, identity::UnixTime wall, Actions& actions) {
    const bool due =
        is_rotating() ? renewal_.may_ask(now) : renewal_.due(self_.certificate, wall, now);
    if (!due) {
        return;
    }
    auto wanted = wanted_descriptor(wall);
    if (!wanted) {
        return;
    }
    if (grants_) {
        renewal_.asked(now);
        actions.renewals.push_back({id(), std::move(*wanted)});
        return;
    }
    std::vector<const Peer*> askable;
    for (const Peer& peer : peers_.all()) {
        const identity::MemberRecord* member = directory_.find(peer.id);
        if (member != nullptr && linked(peer, now) &&
            member->descriptor.has(identity::Capability::kIntroducer)) {
            askable.push_back(&peer);
        }
    }
    if (askable.empty()) {
        want_introducers(now);
        return;  // looked at again with the next maintenance
    }
    if (const auto request = make_renew_request(*wanted, keys_->signing())) {
        say(*askable[renewal_.attempts() % askable.size()], *request, actions);
        renewal_.asked(now);
    }
}

// In a large mesh none of them may be a neighbour.
void Node::want_introducers(Instant now) {
    std::size_t wanted = 0;
    for (const auto& [node, member] : directory_.members()) {
        if (node != id() && member.descriptor.has(identity::Capability::kIntroducer) &&
            !membership_.is_dead(node) && wanted < kIntroducersWantedMax) {
            peer_of(node, member).wanted_until = now + 2 * kMaintenanceInterval;
            ++wanted;
        }
    }
}

// A member's request, at the root's node. Nothing is said to one that is refused.
Status Node::take_renew_request(
    const RenewRequest& request, Peer& from, Instant now, identity::UnixTime wall, Actions& actions
) {
    const identity::MemberRecord* member = directory_.find(from.id);
    if (!grants_ || member == nullptr || now < from.next_renewal ||
        renewals_paid_until_ > now + kRenewCredit) {
        return {};
    }
    from.next_renewal = now + kRenewIntervalMin;
    renewals_paid_until_ = std::max(renewals_paid_until_, now) + kRenewCost;
    auto descriptor = PM_TRY(check_renew_request(request, *member, wall));
    const bool rotates = descriptor.keys.hash() != member->certificate.keys;
    const identity::NodeId* owner = directory_.owner_of(descriptor.keys.wireguard);
    if (owner != nullptr && *owner != from.id) {
        return fail(identity::IdentityError::kContradiction);
    }
    if (rotates || may_be_renewed(member->certificate, wall)) {
        actions.renewals.push_back({from.id, std::move(descriptor)});
    }
    return {};
}

Status Node::grant(
    const identity::Certificate& certificate, identity::UnixTime wall, Actions& actions
) {
    if (certificate.node == id()) {
        return take_certificate(certificate, wall, actions);
    }
    const Peer* peer = peers_.find(certificate.node);
    if (peer == nullptr) {
        return fail(MeshError::kNotAMember);
    }
    say(*peer, RenewGrant{PM_TRY(certificate.encode())}, actions);
    return {};
}

// Whoever brings it: the root signed it, for us, in our place, and it lasts longer or is for keys that
// come after ours.
Status Node::take_certificate(
    const identity::Certificate& certificate, identity::UnixTime wall, Actions& actions
) {
    const identity::Certificate& held = self_.certificate;
    if (certificate.node != held.node) {
        return fail(identity::IdentityError::kWrongNode);
    }
    if (certificate.name != held.name || certificate.overlay_v4 != held.overlay_v4) {
        return fail(identity::IdentityError::kContradiction);
    }
    const bool is_next = is_rotating() && certificate.keys == next_keys_->hash();
    if (!is_next && certificate.keys != held.keys) {
        return fail(identity::IdentityError::kWrongNode);
    }
    if (std::pair(certificate.generation, certificate.expiry) <=
        std::pair(held.generation, held.expiry)) {
        return {};
    }
    PM_TRY(certificate.verify(directory_.root(), wall));
    if (is_next) {
        identity::MemberRecord certified{certificate, self_.descriptor};
        PM_TRY(sign(certified, *next_keys_, wall));
        actions.certified = std::move(certified);
        return {};
    }
    const identity::Certificate before = std::exchange(self_.certificate, certificate);
    const Status signed_anew = sign_self(self_.descriptor, wall, actions);
    if (!signed_anew) {
        self_.certificate = before;
        return signed_anew;
    }
    renewal_.granted();
    actions.renewed = true;
    return {};
}

Status Node::adopt(
    const identity::MemberRecord& certified, identity::UnixTime wall, Actions& actions
) {
    PM_ASSERT(is_rotating() && certified.certificate.keys == next_keys_->hash());
    PM_TRY(directory_.add(certified, wall));
    self_ = certified;
    keys_ = std::exchange(next_keys_, nullptr);
    renewal_.granted();
    actions.save = true;
    actions.renewed = true;
    tell_news(id(), nullptr, actions);
    return {};
}

}  // namespace phantom::mesh
