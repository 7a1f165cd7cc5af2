// The next certificate: asked for, passed on to whoever holds the root, and taken.

#include <algorithm>
#include <utility>

#include "mesh/node.h"

namespace phantom::mesh {

// One of those that say they admit: whether it holds the root its answer will show.
void Node::ask_for_renewal(Instant now, identity::UnixTime wall, Actions& actions) {
    if (!renewal_.due(self_.certificate, wall, now)) {
        return;
    }
    if (grants_) {
        renewal_.asked(now);
        actions.renewals.push_back({keys_.id(), self_.descriptor});
        return;
    }
    std::vector<const Peer*> askable;
    for (const auto& [node, peer] : peers_) {
        const identity::MemberRecord* member = directory_.find(node);
        if (member != nullptr && linked(peer, now) &&
            member->descriptor.has(identity::Capability::kIntroducer)) {
            askable.push_back(&peer);
        }
    }
    if (askable.empty()) {
        want_introducers(now);
        return;  // looked at again with the next maintenance
    }
    if (const auto request = make_renew_request(self_.descriptor, keys_.signing())) {
        say(*askable[renewal_.attempts() % askable.size()], *request, actions);
        renewal_.asked(now);
    }
}

// In a large mesh none of them may be a neighbour.
void Node::want_introducers(Instant now) {
    std::size_t wanted = 0;
    for (const auto& [node, member] : directory_.members()) {
        if (node != keys_.id() && member.descriptor.has(identity::Capability::kIntroducer) &&
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
    if (may_be_renewed(member->certificate, wall)) {
        actions.renewals.push_back({from.id, std::move(descriptor)});
    }
    return {};
}

Status Node::grant(
    const identity::Certificate& certificate, identity::UnixTime wall, Actions& actions
) {
    if (certificate.node == keys_.id()) {
        return take_certificate(certificate, wall, actions);
    }
    const auto at = peers_.find(certificate.node);
    if (at == peers_.end()) {
        return fail(MeshError::kNotAMember);
    }
    say(at->second, RenewGrant{PM_TRY(certificate.encode())}, actions);
    return {};
}

// Whoever brings it: the root signed it, for us, in our place, and it lasts longer.
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
    if (certificate.expiry <= held.expiry) {
        return {};
    }
    PM_TRY(certificate.verify(directory_.root(), wall));
    const identity::Certificate before = std::exchange(self_.certificate, certificate);
    identity::Descriptor descriptor = self_.descriptor;
    descriptor.tags = certificate.tags;
    const Status signed_anew = sign_self(std::move(descriptor), wall, actions);
    if (!signed_anew) {
        self_.certificate = before;
        return signed_anew;
    }
    renewal_.granted();
    actions.renewed = true;
    return {};
}

}  // namespace phantom::mesh
