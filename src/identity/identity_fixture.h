#pragma once

// For tests and fuzzers only: a mesh of one root and its nodes, from seeds.

#include "base/random.h"
#include "identity/issued_token.h"
#include "identity/keys.h"
#include "identity/labels.h"
#include "identity/member.h"

namespace phantom::identity {

inline constexpr UnixTime kNow{1'800'000'000};
inline constexpr std::uint64_t kDay = 86'400;

// Stands in for ML-KEM-768: another seed gives another key, and that is all that matters here.
inline KemPublicKey fake_kem_public_key(std::span<const std::uint8_t, kKemSeedSize> seed) {
    KemPublicKey key{};
    for (std::size_t at = 0; at < key.size(); at += 32) {
        const auto index = static_cast<std::uint8_t>(at / 32);
        std::ranges::copy(labelled_hash("test", seed, {&index, 1}), key.begin() + at);
    }
    return key;
}

inline Label label(std::string_view text) {
    return Label::parse(text).value();
}

inline Bytes bytes_of(ByteView view) {
    return {view.begin(), view.end()};
}

struct TestNode {
    explicit TestNode(
        std::uint64_t seed,
        crypto::SignatureAlgorithm algorithm = crypto::SignatureAlgorithm::kMlDsa65Ed25519
    )
        : random(seed), keys(NodeKeys::generate(random, fake_kem_public_key, algorithm)) {}

    // Signed, valid for a week from kNow.
    [[nodiscard]] Descriptor descriptor(const MeshId& mesh) const {
        Descriptor descriptor;
        descriptor.mesh = mesh;
        descriptor.node = keys.first_id();
        descriptor.keys = keys.public_keys();
        descriptor.name = label("atlas");
        descriptor.overlay_v4 = wire::Address::parse("100.64.0.7").value();
        descriptor.endpoints = {
            wire::SocketAddress::parse("192.0.2.1:51820").value(),
            wire::SocketAddress::parse("[2001:db8::1]:51821").value(),
        };
        descriptor.capabilities = static_cast<std::uint32_t>(Capability::kRelay);
        descriptor.tags = {label("db"), label("prod")};
        descriptor.sequence = 42;
        descriptor.issued = kNow;
        descriptor.expiry = kNow.plus(7 * kDay);
        PM_ASSERT(descriptor.sign(keys.signing()).has_value());
        return descriptor;
    }

    SeededRandom random;
    NodeKeys keys;
};

struct TestRoot {
    explicit TestRoot(
        std::uint64_t seed,
        crypto::SignatureAlgorithm algorithm = crypto::SignatureAlgorithm::kMlDsa65Ed25519
    )
        : random(seed), key(crypto::SigningSeeds::generate(random, algorithm)) {}

    [[nodiscard]] MeshId mesh() const { return mesh_id_of(key.verify_key()); }

    // What TestNode::descriptor claims, valid for a year from kNow.
    [[nodiscard]] Certificate certificate(const NodeId& node) const {
        Certificate certificate;
        certificate.node = node;
        certificate.keys = {node.bytes};  // its first ones
        certificate.keys_since = kNow;
        certificate.name = label("atlas");
        certificate.overlay_v4 = wire::Address::parse("100.64.0.7").value();
        certificate.tags = {label("db"), label("prod")};
        certificate.serial = {1, 2, 3};
        certificate.not_before = kNow;
        certificate.expiry = kNow.plus(365 * kDay);
        PM_ASSERT(certificate.issue(key).has_value());
        return certificate;
    }

    [[nodiscard]] Revocation revocation(const NodeId& node) const {
        Revocation revocation;
        revocation.node = node;
        revocation.reason = RevocationReason::kLost;
        revocation.time = kNow;
        revocation.keep_until = kNow.plus(365 * kDay);
        PM_ASSERT(revocation.issue(key).has_value());
        return revocation;
    }

    [[nodiscard]] MemberRecord member(const TestNode& node) const {
        return {certificate(node.keys.first_id()), node.descriptor(mesh())};
    }

    // The same member with the keys of `next`, for the `generation`th time.
    [[nodiscard]] MemberRecord rotated(
        MemberRecord member, const TestNode& next, std::uint16_t generation = 1
    ) const {
        member.certificate.keys = next.keys.hash();
        member.certificate.generation = generation;
        PM_ASSERT(member.certificate.issue(key).has_value());
        member.descriptor.keys = next.keys.public_keys();
        member.descriptor.sequence = std::uint64_t{generation} << kGenerationShift;
        PM_ASSERT(member.descriptor.sign(next.keys.signing()).has_value());
        return member;
    }

    SeededRandom random;
    crypto::SigningKey key;
};

inline JoinToken test_token() {
    SeededRandom random(7);
    JoinToken token;
    random.fill(token.mesh.bytes);
    random.fill(token.introducer);
    random.fill(token.secret.bytes());
    token.expiry = kNow.plus(3'600);
    token.uses = 2;
    token.endpoints = {
        TokenEndpoint::parse("192.0.2.1:51820").value(),
        TokenEndpoint::parse("[2001:db8::1]:51820").value(),
        TokenEndpoint::parse("vpn.example.org:443").value(),
    };
    return token;
}

}  // namespace phantom::identity
