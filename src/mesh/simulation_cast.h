#pragma once

// For tests only: what all simulated meshes are made of: the root, the nodes, their keys, the weather.

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "identity/identity_fixture.h"

namespace phantom::mesh::sim {

using identity::MemberRecord;
using identity::TestNode;
using identity::TestRoot;
using enum crypto::SignatureAlgorithm;

inline constexpr std::size_t kHostsMax = 8;
// Changes of keys in one mesh.
inline constexpr std::size_t kKeyChangesMax = 16;

inline wire::SocketAddress place(const std::string& prefix, std::size_t index) {
    return wire::SocketAddress::parse(prefix + std::to_string(index + 1) + ":51820").value();
}

// Keys and records cost milliseconds, so all seeds share them.
struct Cast {
    Cast() {
        for (std::size_t index = 0; index < kHostsMax; ++index) {
            nodes.push_back(std::make_unique<TestNode>(index + 1, kMlDsa44Ed25519));
            publics.push_back(member(index, {place("198.51.100.", index)}, 42));
            hidden.push_back(member(index, {place("192.168.0.", index)}, 42));
            revocations.push_back(root.revocation(nodes[index]->keys.first_id()));
        }
        for (std::uint64_t seed = 0; seed < kKeyChangesMax; ++seed) {
            next_keys.push_back(std::make_unique<TestNode>(1'000 + seed, kMlDsa44Ed25519));
        }
    }

    [[nodiscard]] MemberRecord member(
        std::size_t index, std::vector<wire::SocketAddress> endpoints, std::uint64_t sequence
    ) const {
        MemberRecord made = root.member(*nodes[index]);
        made.certificate.name = made.descriptor.name =
            identity::label("node-" + std::to_string(index));
        made.certificate.overlay_v4 = made.descriptor.overlay_v4 =
            wire::Address::parse("100.64.0." + std::to_string(index + 1)).value();
        made.descriptor.endpoints = std::move(endpoints);
        made.descriptor.sequence = sequence;
        PM_ASSERT(made.certificate.issue(root.key).has_value());
        PM_ASSERT(made.descriptor.sign(nodes[index]->keys.signing()).has_value());
        return made;
    }

    TestRoot root{100, kMlDsa44Ed25519};
    std::vector<std::unique_ptr<TestNode>> nodes;
    std::vector<std::unique_ptr<TestNode>> next_keys;  // for whoever changes its own
    std::vector<MemberRecord> publics;                 // say where they can be reached
    std::vector<MemberRecord> hidden;                  // know only an address of their own network
    std::vector<identity::Revocation> revocations;
};

inline const Cast& cast() {
    static const Cast made;
    return made;
}

struct Weather {
    std::uint64_t loss_percent = 0;
    std::uint64_t duplicate_percent = 0;
    Duration delay_max = std::chrono::milliseconds(20);
};

}  // namespace phantom::mesh::sim
