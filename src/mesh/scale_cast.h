#pragma once

// For tests and benchmarks only: the members of a large simulated mesh, with one copy of what all know, and
// one verification of each record.

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <malloc.h>

#include "identity/identity_fixture.h"
#include "mesh/directory.h"
#include "mesh/latency_fixture.h"

namespace phantom::mesh::scale {

inline constexpr std::uint32_t kRelayEvery = 4;   // one host of so many offers to relay, in public
inline constexpr std::uint32_t kHiddenEvery = 3;  // one of so many is behind a router

// A record that was verified once is not verified again, and not stored again.
class SharedVerifier final : public RecordVerifier {
  public:
    Result<std::shared_ptr<const identity::MemberRecord>> verify(
        const identity::MemberRecord& member, const crypto::VerifyKey& root, identity::UnixTime now,
        const identity::RevocationList& revocations
    ) override {
        if (revocations.contains(member.descriptor.node)) {
            return fail(identity::IdentityError::kRevoked);
        }
        std::array<std::uint8_t, 32> hash;
        crypto::Blake2s hasher;
        hasher.update(PM_TRY(member.encode()));
        hasher.finish(hash);
        auto& known = known_[hash];
        if (known == nullptr) {
            known = PM_TRY(RecordVerifier::verify(member, root, now, revocations));
        }
        return known;
    }

  private:
    std::map<std::array<std::uint8_t, 32>, std::shared_ptr<const identity::MemberRecord>> known_;
};

inline wire::SocketAddress public_place(Index index) {
    const std::array<std::uint8_t, 4> bytes{
        45, static_cast<std::uint8_t>(index >> 16U), static_cast<std::uint8_t>(index >> 8U),
        static_cast<std::uint8_t>(index)
    };
    return {wire::Address::v4(bytes.data()), 51820, 0};
}
inline wire::SocketAddress private_place(Index index) {
    wire::SocketAddress place = public_place(index);
    place.address.bytes[0] = 10;
    return place;
}

// Keys and records cost milliseconds: all worlds of a size share them.
struct Cast {
    explicit Cast(Index count) : directory(root.key.verify_key(), verifier) {
        for (Index index = 0; index < count; ++index) {
            nodes.push_back(std::make_unique<identity::TestNode>(
                index + 1, crypto::SignatureAlgorithm::kMlDsa44Ed25519
            ));
            records.push_back(member(index));
        }
        // What one node holds of its members: the records, and what finds them.
        const std::size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
        for (const identity::MemberRecord& each : records) {
            PM_ASSERT(directory.add(each, identity::kNow).value_or(false));
        }
        held_bytes = mallinfo2().uordblks + mallinfo2().hblkhd - before;
        records = {};
        nodes.push_back(std::make_unique<identity::TestNode>(
            count + 1, crypto::SignatureAlgorithm::kMlDsa44Ed25519
        ));
        newcomer = member(count);
    }

    [[nodiscard]] static bool is_hidden(Index index) { return index % kHiddenEvery == 1; }
    [[nodiscard]] identity::MemberRecord member(Index index) {
        identity::MemberRecord made = root.member(*nodes[index]);
        made.certificate.name = made.descriptor.name =
            identity::label("node-" + std::to_string(index));
        made.certificate.overlay_v4 = made.descriptor.overlay_v4 = private_place(index).address;
        made.descriptor.endpoints = {is_hidden(index) ? private_place(index) : public_place(index)};
        made.descriptor.capabilities =
            index % kRelayEvery == 0 ? static_cast<std::uint32_t>(identity::Capability::kRelay) : 0;
        PM_ASSERT(made.certificate.issue(root.key).has_value());
        PM_ASSERT(made.descriptor.sign(nodes[index]->keys.signing()).has_value());
        return made;
    }

    identity::TestRoot root{100, crypto::SignatureAlgorithm::kMlDsa44Ed25519};
    SharedVerifier verifier;
    std::vector<std::unique_ptr<identity::TestNode>> nodes;
    std::vector<identity::MemberRecord> records;  // while it is made
    std::size_t held_bytes = 0;
    Directory directory;
    identity::MemberRecord newcomer;  // of the last of `nodes`: nobody knows it yet
};

inline Cast& cast(Index count) {
    static std::map<Index, std::unique_ptr<Cast>> all;
    auto& made = all[count];
    if (made == nullptr) {
        made = std::make_unique<Cast>(count);
    }
    return *made;
}

}  // namespace phantom::mesh::scale
