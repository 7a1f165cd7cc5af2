#pragma once

// What nodes say to each other, inside a WireGuard session, in control frames of kind kMesh (cut
// into fragments where long: fragments.h). The session proves who speaks. docs/protocol.md has the
// tables.
//
// The first byte is the kind. Members and revocations travel as the records that identity signs.

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "crypto/signature.h"
#include "identity/types.h"
#include "mesh/errors.h"
#include "mesh/fragments.h"
#include "mesh/prefix.h"
#include "wire/address.h"

namespace phantom::mesh {

using Bytes = std::vector<std::uint8_t>;

// What of one kind fits into one message; more is said in several.
inline constexpr std::size_t kSummaryEntriesMax = 256;
inline constexpr std::size_t kWantedMax = 64;
inline constexpr std::size_t kSeenMax = 64;
inline constexpr std::size_t kRumoursMax = 16;
inline constexpr std::size_t kReportsMax = 32;
inline constexpr std::size_t kReportRuleMax = 64;

// Stands for a revocation where a descriptor's sequence would.
inline constexpr std::uint64_t kRevokedSequence = UINT64_MAX;

// Which descriptors the sender holds of those whose ids begin with `prefix`. `full`: no others there.
struct Summary {
    struct Entry {
        identity::NodeId node;
        std::uint64_t sequence = 0;
        friend bool operator==(const Entry&, const Entry&) = default;
    };
    bool full = false;
    std::vector<Entry> entries;
    Prefix prefix{};
    friend bool operator==(const Summary&, const Summary&) = default;
};

// "Send me these."
struct Want {
    std::vector<identity::NodeId> nodes;
    friend bool operator==(const Want&, const Want&) = default;
};

// An encoded identity::MemberRecord.
struct Record {
    Bytes member;
    friend bool operator==(const Record&, const Record&) = default;
};

// An encoded identity::Revocation.
struct Revoke {
    Bytes revocation;
    friend bool operator==(const Revoke&, const Revoke&) = default;
};

struct Ping {
    std::uint64_t nonce = 0;
    friend bool operator==(const Ping&, const Ping&) = default;
};

// `observed`: from where the ping's sender is seen to send.
struct Pong {
    std::uint64_t nonce = 0;
    wire::SocketAddress observed;
    friend bool operator==(const Pong&, const Pong&) = default;
};

// Where the sender sees other members. How two nodes behind translating routers learn of each other.
struct Seen {
    struct Entry {
        identity::NodeId node;
        wire::SocketAddress endpoint;
        friend bool operator==(const Entry&, const Entry&) = default;
    };
    std::vector<Entry> entries;
    friend bool operator==(const Seen&, const Seen&) = default;
};

using Proof = std::array<std::uint8_t, 16>;

// From a guest: an encoded identity::Descriptor, and BLAKE2s of it under the token's proof key.
struct JoinRequest {
    Bytes descriptor;
    Proof proof{};
    friend bool operator==(const JoinRequest&, const JoinRequest&) = default;
};

// To a guest: the root's key (whose hash the token holds), the guest's certificate, and the
// introducer as a member.
struct JoinGrant {
    crypto::VerifyKey root;
    Bytes certificate;
    Bytes introducer;
    friend bool operator==(const JoinGrant&, const JoinGrant&) = default;
};

// Numbers stand on the wire.
enum class Refusal : std::uint8_t {
    kTokenSpent = 1,
    kTokenExpired = 2,
    kNameTaken = 3,
    kBadRequest = 4,
    kRevoked = 5,
    kSealed = 6,  // whoever made the token does not hold the root any more
};
struct JoinRefusal {
    Refusal reason = Refusal::kBadRequest;
    friend bool operator==(const JoinRefusal&, const JoinRefusal&) = default;
};
// For the person who typed the command.
[[nodiscard]] const char* describe(Refusal reason);

// An encoded identity::PolicyRecord.
struct Policy {
    Bytes record;
    friend bool operator==(const Policy&, const Policy&) = default;
};

// The sender holds the policy of this sequence.
struct PolicyVersion {
    std::uint64_t sequence = 0;
    friend bool operator==(const PolicyVersion&, const PolicyVersion&) = default;
};

// What the sender holds in the 16 ranges below a prefix, hashed; zero is nothing (hash_tree.h).
struct Digest {
    Prefix prefix;
    std::array<std::uint64_t, kDigitValues> children{};
    friend bool operator==(const Digest&, const Digest&) = default;
};

// "Tell me where you see this one, and it where you see me."
struct Meet {
    identity::NodeId node;
    friend bool operator==(const Meet&, const Meet&) = default;
};

// "Are you there?", or "is this one?" to somebody else.
struct Probe {
    std::uint64_t nonce = 0;
    identity::NodeId node;
    friend bool operator==(const Probe&, const Probe&) = default;
};

// `reached`: it has answered. Otherwise only the one who was asked is there.
struct ProbeAnswer {
    std::uint64_t nonce = 0;
    bool reached = false;
    friend bool operator==(const ProbeAnswer&, const ProbeAnswer&) = default;
};

// Numbers stand on the wire.
enum class MemberState : std::uint8_t { kAlive = 0, kSuspect = 1, kDead = 2 };
// "alive", "suspect", "dead".
[[nodiscard]] const char* name_of(MemberState state);

// What is said of members. A greater incarnation is newer, and only the member itself makes one.
struct Rumours {
    struct Rumour {
        identity::NodeId node;
        std::uint64_t incarnation = 0;
        MemberState state = MemberState::kAlive;
        identity::NodeId source;  // who found it so
        friend bool operator==(const Rumour&, const Rumour&) = default;
    };
    std::vector<Rumour> entries;
    friend bool operator==(const Rumours&, const Rumours&) = default;
};

// From a member to the root's node: "certify this descriptor of mine for longer", signed by the key
// that is certified now. The descriptor is encoded.
struct RenewRequest {
    Bytes descriptor;
    crypto::Signature signature;
    friend bool operator==(const RenewRequest&, const RenewRequest&) = default;
};

// An encoded identity::Certificate: the receiver's next one.
struct RenewGrant {
    Bytes certificate;
    friend bool operator==(const RenewGrant&, const RenewGrant&) = default;
};

// Against whom the sender acts, on what it has seen itself. Said to whom it has a link with, and passed on by
// nobody: so the session proves whose word it is, and a signature would prove no more.
struct Reports {
    struct Report {
        wire::Address subject;
        identity::UnixTime until;
        std::uint8_t confidence = 0;  // of 100
        std::string rule;             // printable
        friend bool operator==(const Report&, const Report&) = default;
    };
    std::vector<Report> entries;
    friend bool operator==(const Reports&, const Reports&) = default;
};

using AnyMessage = std::variant<
    Summary, Want, Record, Revoke, Ping, Pong, Seen, JoinRequest, JoinGrant, JoinRefusal, Policy,
    PolicyVersion, Digest, Meet, Probe, ProbeAnswer, Rumours, RenewRequest, RenewGrant, Reports>;

[[nodiscard]] Message encode(const AnyMessage& message);
// kUnknownMessage, kMalformed. Strict: what it accepts, encode() gives back to the byte.
[[nodiscard]] Result<AnyMessage> decode(ByteView message);

}  // namespace phantom::mesh
