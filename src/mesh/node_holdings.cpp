// What is held of whom, compared with a neighbour: by name where it is little, by hashes of ranges where
// it is much. Both ends may send what the other lacks; each record is asked for once (wants.h).

#include <algorithm>

#include "mesh/node.h"

namespace phantom::mesh {

namespace {

AnyMessage describe_range(const Directory& directory, const Prefix& prefix) {
    const bool is_little = directory.tree().count(prefix) <= kNamedMax;
    if (is_little || prefix.size == kPrefixDigitsMax) {
        return directory.summarise(prefix);
    }
    return directory.digest(prefix);
}

}  // namespace

void Node::tell_holdings(Peer& peer, Actions& actions) const {
    say(peer, describe_range(directory_, {}), actions);
}

// At its bidding: a few bytes of a question bring kilobytes, so it is not given more than its share.
void Node::answer(Peer& peer, const AnyMessage& message, Instant now, Actions& actions) const {
    Message encoded = encode(message);
    if (peer.answers.take(encoded.size(), now)) {
        actions.sends.push_back({peer.key, std::move(encoded), std::nullopt});
    }
}

void Node::send_holding(const Holding& holding, Peer& peer, Instant now, Actions& actions) const {
    if (holding.record != nullptr) {
        if (const auto encoded = holding.record->encode()) {
            answer(peer, Record{*encoded}, now, actions);
        }
        return;
    }
    const auto revoked = directory_.revocations().entries().find(holding.node);
    if (revoked != directory_.revocations().entries().end()) {
        if (const auto encoded = revoked->second.encode()) {
            answer(peer, Revoke{*encoded}, now, actions);
        }
    }
}

// Some of the ranges that differ, others the next time: whoever lacks much gets it in bounded steps.
void Node::handle(const Digest& message, Peer& peer, Instant now, Actions& actions) {
    std::size_t followed = 0;
    ++rotation_;
    for (std::size_t step = 0; step < kDigitValues; ++step) {
        const std::size_t digit = (step + rotation_) % kDigitValues;
        const Prefix range = message.prefix.with(digit);
        const std::uint64_t ours = directory_.tree().hash(range);
        if (ours == message.children[digit]) {
            continue;
        }
        if (followed == kDescendMax) {
            peer.next_summary = std::min(peer.next_summary, now + Duration(kSummaryFirst));
            break;
        }
        ++followed;
        if (message.children[digit] == 0) {
            Summary offer = directory_.summarise(range);
            offer.full = false;  // that the peer has nothing is known
            answer(peer, offer, now, actions);
        } else {
            answer(peer, describe_range(directory_, range), now, actions);
        }
    }
}

void Node::handle(const Summary& message, Peer& peer, Instant now, Actions& actions) {
    Want want;
    for (const Summary::Entry& entry : message.entries) {
        const Holding* known = directory_.tree().find(entry.node.bytes);
        // The peer has not heard of it: our word may have been lost on the way.
        if (known != nullptr && known->record == nullptr) {
            if (entry.sequence != kRevokedSequence) {
                send_holding(*known, peer, now, actions);
            }
            continue;
        }
        const bool newer = known == nullptr ? !directory_.is_refused(entry.node, entry.sequence)
                                            : known->sequence < entry.sequence;
        if (!newer || !message.prefix.covers(entry.node.bytes)) {
            continue;
        }
        if (want.nodes.size() == kWantedMax) {
            peer.next_summary = std::min(peer.next_summary, now + Duration(kSummaryFirst));
            break;
        }
        if (wants_.offered(entry.node, entry.sequence, peer.id, now)) {
            want.nodes.push_back(entry.node);
        }
    }
    if (!want.nodes.empty()) {
        say(peer, want, actions);
    }
    if (message.full) {
        offer_lacking(message, peer, now, actions);
    }
}

// What the peer lacks, or has an older word of: a little is sent, much is offered.
void Node::offer_lacking(const Summary& message, Peer& peer, Instant now, Actions& actions) const {
    std::map<identity::NodeId, std::uint64_t> theirs;
    for (const Summary::Entry& entry : message.entries) {
        theirs.emplace(entry.node, entry.sequence);
    }
    std::vector<const Holding*> lacking;
    for (const Holding* each : directory_.tree().entries(message.prefix)) {
        const auto at = theirs.find(each->node);
        const bool lacks = at == theirs.end() || at->second < each->sequence;
        if (lacks && lacking.size() < kSummaryEntriesMax) {
            lacking.push_back(each);
        }
    }
    if (lacking.size() <= kUnaskedRecordsMax) {
        for (const Holding* each : lacking) {
            send_holding(*each, peer, now, actions);
        }
        return;
    }
    Summary offer{.full = false, .entries = {}, .prefix = message.prefix};
    for (const Holding* each : lacking) {
        offer.entries.push_back({each->node, each->sequence});
    }
    answer(peer, offer, now, actions);
}

void Node::handle(const Want& message, Peer& peer, Instant now, Actions& actions) {
    for (const identity::NodeId& node : message.nodes) {
        if (const Holding* holding = directory_.tree().find(node.bytes)) {
            send_holding(*holding, peer, now, actions);
        }
    }
}

void Node::ask_again(Instant now, Actions& actions) {
    std::map<identity::NodeId, Want> questions;
    for (const Wants::Question& each : wants_.due(now)) {
        Want& want = questions[each.whom];
        if (want.nodes.size() < kWantedMax) {
            want.nodes.push_back(each.node);
        }
    }
    for (const auto& [whom, want] : questions) {
        if (const Peer* peer = peers_.find(whom)) {
            say(*peer, want, actions);
        }
    }
}

}  // namespace phantom::mesh
