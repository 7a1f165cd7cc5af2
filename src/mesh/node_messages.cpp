// What others say, and what they are told.

#include <algorithm>

#include "identity/codec.h"
#include "mesh/node.h"
#include "wire/carried.h"

namespace phantom::mesh {

void Node::session_began(const crypto::PublicKey& key, Instant now, Actions& actions) {
    if (Peer* peer = find_peer(key)) {
        const bool was_linked = linked(*peer, now);
        peer->link.heard = now;
        peer->was_linked = true;
        peer->tends = true;
        peer->attempts = 0;
        peer->next_candidates = now;
        if (!was_linked) {
            peer->paths.search(now);
            greet(*peer, now, actions);
            // Perhaps it is the relay that somebody else is called through.
            const auto is_called = [&](const Peer& other) {
                return now < other.wanted_until && !linked(other, now);
            };
            for (Peer* other : peers_.change_those(is_called)) {
                other->next_attempt = now;
            }
        }
    }
}

// Revocations first: what else we say may depend on them. Then the policy, so that who has just joined
// has it before the first of its user's packets.
void Node::greet(Peer& peer, Instant now, Actions& actions) {
    std::size_t told = 0;
    for (const auto& [node, revocation] : directory_.revocations().entries()) {
        const auto encoded = revocation.encode();
        if (encoded && ++told <= kGreetedRevocationsMax) {
            say(peer, Revoke{*encoded}, actions);
        }
    }
    if (Rumours news = membership_.news(); !news.entries.empty()) {
        say(peer, news, actions);
    }
    peer.next_summary = now;
    peer.summary_interval = kSummaryFirst;
    peer.policy = {};
    if (const auto news = policy_.due(peer.policy, now)) {
        say(peer, *news, actions);
    }
    introduce(peer, now, actions);
}

// Tells the peer where we see others, and them where we see it, so that both try at once and the
// routers between them open.
void Node::introduce(Peer& peer, Instant now, Actions& actions) {
    Seen others;
    const bool all = is_full_mesh();  // of many, those who want to meet ask for it
    for (const Peer& other : peers_.all()) {
        if (!all || &other == &peer || !linked(other, now) || !wire::is_direct(other.link.over)) {
            continue;
        }
        if (others.entries.size() < kSeenMax) {
            others.entries.push_back({other.id, other.link.endpoint});
        }
        if (wire::is_direct(peer.link.over)) {
            say(other, Seen{{{peer.id, peer.link.over}}}, actions);
        }
    }
    // What others told us of ourselves may help it to reach us.
    for (const wire::SocketAddress& place : own_places_) {
        if (others.entries.size() < kSeenMax) {
            others.entries.push_back({id(), place});
        }
    }
    if (!others.entries.empty()) {
        say(peer, others, actions);
    }
}

Status Node::receive(
    const crypto::PublicKey& key, const wire::SocketAddress& from, ByteView message, Instant now,
    identity::UnixTime wall, Actions& actions
) {
    Peer* peer = find_peer(key);
    if (peer == nullptr) {
        return fail(MeshError::kNotAMember);
    }
    const AnyMessage decoded = PM_TRY(decode(message));
    const bool was_linked = linked(*peer, now);
    peer->link.heard = now;
    peer->was_linked = true;
    peer->paths.heard(from, now);
    Membership::Output out;
    membership_.heard(peer->id, now, out);
    carry_out(out, actions);
    if (!was_linked) {
        peer->paths.search(now);
        greet(*peer, now, actions);
    }
    if (const auto* record = std::get_if<Record>(&decoded)) {
        return take_record(record->member, peer, wall, actions);
    }
    if (const auto* revoke_message = std::get_if<Revoke>(&decoded)) {
        return take_revocation(revoke_message->revocation, wall, actions);
    }
    if (const auto* policy = std::get_if<Policy>(&decoded)) {
        return take_policy(*policy, *peer, actions);
    }
    if (const auto* request = std::get_if<RenewRequest>(&decoded)) {
        return take_renew_request(*request, *peer, now, wall, actions);
    }
    if (const auto* granted = std::get_if<RenewGrant>(&decoded)) {
        const auto certificate = PM_TRY(identity::Certificate::decode(granted->certificate));
        return take_certificate(certificate, wall, actions);
    }
    if (const auto* version = std::get_if<PolicyVersion>(&decoded)) {
        PolicyGossip::heard(peer->policy, version->sequence);
        if (version->sequence > policy_.sequence()) {
            say(*peer, PolicyVersion{policy_.sequence()}, actions);
        }
    } else if (const auto* asked = std::get_if<Ping>(&decoded)) {
        // Back the way it came: the question was whether there is one.
        actions.sends.push_back({peer->key, encode(Pong{asked->nonce, from}), from});
    } else if (const auto* summary = std::get_if<Summary>(&decoded)) {
        handle(*summary, *peer, now, actions);
    } else if (const auto* want = std::get_if<Want>(&decoded)) {
        handle(*want, *peer, now, actions);
    } else if (const auto* seen = std::get_if<Seen>(&decoded)) {
        if (!directory_.is_dormant(peer->id)) {
            handle(*seen, *peer, now);
        }
    } else if (const auto* pong = std::get_if<Pong>(&decoded)) {
        handle(*pong, from, *peer, now);
    } else if (const auto* digest = std::get_if<Digest>(&decoded)) {
        handle(*digest, *peer, now, actions);
    } else if (const auto* meet = std::get_if<Meet>(&decoded)) {
        handle(*meet, *peer, actions);
    } else if (const auto* reports = std::get_if<Reports>(&decoded)) {
        for (const Reports::Report& each : reports->entries) {
            actions.reports.push_back({peer->id, each});
        }
    } else {
        handle_membership(decoded, *peer, now, wall, actions);
    }
    return {};
}

void Node::handle(const Seen& message, const Peer& from, Instant now) {
    for (const Seen::Entry& entry : message.entries) {
        const identity::MemberRecord* member =
            entry.node == id() ? nullptr : directory_.find(entry.node);
        if (member == nullptr || !identity::is_reachable_form(entry.endpoint) ||
            wire::is_carried(entry.endpoint)) {
            continue;
        }
        const bool is_new = !peers_.contains(entry.node);
        Peer& peer = peer_of(entry.node, *member);
        if (is_new) {
            peer.wanted_until = now + kMeetFor;  // it has asked for us
        }
        if (&peer != &from) {
            std::erase(peer.seen_by, from.id);
            peer.seen_by.insert(peer.seen_by.begin(), from.id);
            if (peer.seen_by.size() > kSeenByMax) {
                peer.seen_by.pop_back();
            }
        }
        // The other is told of us at this moment, so both try at once.
        try_place(entry.node, peer, entry.endpoint, now);
    }
}

void Node::handle(const Pong& message, const wire::SocketAddress& from, Peer& peer, Instant now) {
    peer.paths.answered(message.nonce, now);
    if (const auto quality = peer.paths.quality()) {
        peer.link.rtt = quality->rtt;
        peer.link.latest = quality->rtt;
        peer.link.loss = quality->loss;
    }
    if (wire::is_direct(from)) {
        peer.link.observed = message.observed;
        note_own_place(message.observed);
    }
}

Status Node::take_record(
    ByteView encoded, const Peer* from, identity::UnixTime wall, Actions& actions
) {
    const auto member = PM_TRY(identity::MemberRecord::decode(encoded));
    const identity::NodeId node = member.descriptor.node;
    if (node == id()) {
        return take_own_record(member, wall, actions);
    }
    if (PM_TRY(take_member(member, wall, actions))) {
        tell_news(node, from, actions);
    }
    return {};
}

// Somebody remembers a later word of ours than we do: say a later one still. But it must be ours, or any
// member could drive the sequence to its end.
Status Node::take_own_record(
    const identity::MemberRecord& member, identity::UnixTime wall, Actions& actions
) {
    if (member.descriptor.sequence <= self_.descriptor.sequence) {
        return {};
    }
    PM_TRY(member.verify(directory_.root(), wall, directory_.revocations()));
    if (member.certificate.keys != self_.certificate.keys) {
        actions.keys_replaced = true;  // we were brought back from a copy of before
        return {};
    }
    identity::Descriptor descriptor = self_.descriptor;
    descriptor.sequence = member.descriptor.sequence;
    return sign_self(std::move(descriptor), wall, actions);
}

Status Node::take_revocation(ByteView encoded, identity::UnixTime wall, Actions& actions) {
    const auto revocation = PM_TRY(identity::Revocation::decode(encoded));
    const identity::MemberRecord* member = directory_.find_known(revocation.node);
    const crypto::PublicKey key =
        member == nullptr ? crypto::PublicKey{} : member->descriptor.keys.wireguard;
    const bool was_member = member != nullptr;
    if (PM_TRY(directory_.revoke(revocation, wall))) {
        // To everybody first, the revoked one included: it need not guess why nobody answers.
        tell_all(Revoke{Bytes(encoded.begin(), encoded.end())}, nullptr, actions);
        actions.save = true;
        if (was_member || revocation.node == id()) {
            member_left(revocation.node, key, actions);
        }
        wants_.came(revocation.node);
    }
    return {};
}

Status Node::set_policy(const identity::PolicyRecord& policy, Actions& actions) {
    if (PM_TRY(policy_.take(policy))) {
        actions.policy_changed = true;
        for (Peer* peer : peers_.change_all()) {
            PolicyGossip::begin(peer->policy);
        }
    }
    return {};
}

void Node::set_reports(std::vector<Reports::Report> reports, Actions& actions) {
    reports.resize(std::min(reports.size(), kReportsMax));
    if (reports == reports_.entries) {
        return;
    }
    reports_.entries = std::move(reports);
    if (!reports_.entries.empty()) {
        tell_all(reports_, nullptr, actions);
    }
}

Status Node::take_policy(const Policy& message, Peer& from, Actions& actions) {
    const auto policy = PM_TRY(identity::PolicyRecord::decode(message.record));
    PM_TRY(set_policy(policy, actions));
    PolicyGossip::heard(from.policy, policy.sequence);
    say(from, PolicyVersion{policy_.sequence()}, actions);
    return {};
}

void Node::tell_news(const identity::NodeId& node, const Peer* but, Actions& actions) {
    if (const identity::MemberRecord* member = directory_.find(node)) {
        tell_all(Summary{false, {{node, member->descriptor.sequence}}}, but, actions);
    }
}

void Node::tell_all(const AnyMessage& message, const Peer* but, Actions& actions) {
    const bool all = is_full_mesh();
    for (const Peer& peer : peers_.all()) {
        if (&peer != but && !peer.link.heard.is_never() && (all || peer.neighbour)) {
            say(peer, message, actions);
        }
    }
}

void Node::say(const Peer& peer, const AnyMessage& message, Actions& actions) const {
    actions.sends.push_back({peer.key, encode(message), std::nullopt});
}

}  // namespace phantom::mesh
