#include "mesh/neighbours.h"

#include <algorithm>
#include <bit>

#include "identity/codec.h"

namespace phantom::mesh {

namespace {

using identity::NodeId;

// Round the ring of ids, without the revoked.
const Holding* next_member(const Directory& directory, const IdBytes& after) {
    const Directory::Tree& tree = directory.tree();
    const Holding* at = tree.after(after);
    for (std::size_t step = 0; step <= tree.count(); ++step) {
        at = at == nullptr ? tree.first() : at;
        if (at == nullptr || at->record != nullptr) {
            return at;
        }
        at = tree.after(at->key());
    }
    return nullptr;
}
const Holding* previous_member(const Directory& directory, const IdBytes& before) {
    const Directory::Tree& tree = directory.tree();
    const Holding* at = tree.before(before);
    for (std::size_t step = 0; step <= tree.count(); ++step) {
        at = at == nullptr ? tree.last() : at;
        if (at == nullptr || at->record != nullptr) {
            return at;
        }
        at = tree.before(at->key());
    }
    return nullptr;
}

// So far on round the ring; `distance` counts in 2^-64 of it.
IdBytes moved(IdBytes id, std::uint64_t distance) {
    store_be<std::uint64_t>(id.data(), load_be<std::uint64_t>(id.data()) + distance);
    return id;
}

// Behind `begin`, not behind `end`, round the ring.
bool lies_between(const IdBytes& id, const IdBytes& begin, const IdBytes& end) {
    return begin < end ? begin < id && id <= end : begin < id || id <= end;
}

template <class Step>
void add_side(const NodeId& self, const IsDead& is_dead, Step step, std::vector<NodeId>& ring) {
    std::size_t living = 0;
    const Holding* at = step(self.bytes);
    for (std::size_t far = 0; far < kRingFar && living < kRingNear; ++far) {
        if (at == nullptr || at->node == self) {
            return;
        }
        ring.push_back(at->node);
        living += is_dead(at->node) ? 0 : 1;
        at = step(at->key());
    }
}

void add_finger(
    const Directory& directory, const NodeId& self, std::uint64_t distance, std::vector<NodeId>& all
) {
    // Ours: the first at, or after, that distance.
    const Holding* finger = directory.tree().from(moved(self.bytes, distance));
    if (finger == nullptr || finger->record == nullptr) {
        finger = next_member(directory, moved(self.bytes, distance));
    }
    if (finger != nullptr) {
        all.push_back(finger->node);
    }
    // Those whose finger we are.
    const Holding* before = previous_member(directory, self.bytes);
    if (before == nullptr) {
        return;
    }
    const IdBytes begin = moved(before->key(), 0 - distance);
    const IdBytes end = moved(self.bytes, 0 - distance);
    const Holding* claimant = next_member(directory, begin);
    for (std::size_t count = 0; count < kClaimantsMax && claimant != nullptr; ++count) {
        if (!lies_between(claimant->key(), begin, end)) {
            return;
        }
        all.push_back(claimant->node);
        claimant = next_member(directory, claimant->key());
    }
}

// Each finger so much nearer than the one before, in bits, that the last is within a few members.
int finger_stride(std::size_t member_count) {
    return (static_cast<int>(std::bit_width(member_count)) + 1) / static_cast<int>(kFingers);
}

}  // namespace

Neighbours choose_neighbours(
    const Directory& directory, const NodeId& self, const IsDead& is_dead
) {
    Neighbours chosen;
    const Directory::Members members = directory.members();
    if (members.size() <= kFullMeshMax) {
        for (const auto& [node, member] : members) {
            if (node != self) {
                chosen.all.push_back(node);
            }
        }
        chosen.ring = chosen.all;
        return chosen;
    }
    const auto next = [&](const IdBytes& id) { return next_member(directory, id); };
    const auto previous = [&](const IdBytes& id) { return previous_member(directory, id); };
    add_side(self, is_dead, next, chosen.ring);
    add_side(self, is_dead, previous, chosen.ring);
    chosen.all = chosen.ring;
    const int stride = finger_stride(members.size());
    for (int finger = 0; finger < static_cast<int>(kFingers); ++finger) {
        add_finger(directory, self, std::uint64_t{1} << (63 - finger * stride), chosen.all);
    }
    for (std::vector<NodeId>* list : {&chosen.ring, &chosen.all}) {
        std::ranges::sort(*list);
        list->erase(std::ranges::unique(*list).begin(), list->end());
        std::erase(*list, self);
    }
    return chosen;
}

// RFC 1918, 6598, 3927, 1122 (loopback); RFC 4193, 4291 (link-local, loopback).
bool is_public_place(const wire::SocketAddress& place) {
    if (!identity::is_reachable_form(place)) {
        return false;
    }
    const auto& bytes = place.address.bytes;
    if (place.address.family == wire::Family::kV4) {
        return !identity::is_overlay_v4(place.address) && bytes[0] != 127 &&
               !(bytes[0] == 169 && bytes[1] == 254);
    }
    const bool is_loopback =
        bytes[15] == 1 &&
        std::all_of(bytes.begin(), bytes.begin() + 15, [](auto byte) { return byte == 0; });
    return !is_loopback && (bytes[0] & 0xfeU) != 0xfc &&
           !(bytes[0] == 0xfe && (bytes[1] & 0xc0U) == 0x80);
}

bool is_public_relay(const identity::MemberRecord& member) {
    return member.descriptor.has(identity::Capability::kRelay) &&
           std::ranges::any_of(member.descriptor.endpoints, is_public_place);
}

// SplitMix64's finisher over both ids, which are hashes already.
std::uint64_t relay_weight(const NodeId& relay, const NodeId& node) {
    std::uint64_t mixed = load_be<std::uint64_t>(relay.bytes.data()) ^
                          std::rotl(load_be<std::uint64_t>(node.bytes.data() + 8), 32);
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31U);
}

std::vector<NodeId> home_relays(
    const Directory& directory, const NodeId& node, const IsDead& is_dead
) {
    struct Candidate {
        std::uint64_t weight = 0;
        const NodeId* relay = nullptr;
    };
    std::array<Candidate, kHomeRelays> best{};  // the best first
    const Directory::Tree& tree = directory.tree();
    for (const Holding* each : tree.entries({})) {
        Candidate candidate{relay_weight(each->node, node), &each->node};
        const bool fits = each->record != nullptr && each->node != node;
        if (!fits || candidate.weight < best.back().weight || !is_public_relay(*each->record) ||
            is_dead(each->node)) {
            continue;
        }
        for (Candidate& place : best) {
            if (place.relay == nullptr || candidate.weight > place.weight) {
                std::swap(place, candidate);
            }
        }
    }
    std::vector<NodeId> relays;
    for (const Candidate& each : best) {
        if (each.relay != nullptr) {
            relays.push_back(*each.relay);
        }
    }
    return relays;
}

}  // namespace phantom::mesh
