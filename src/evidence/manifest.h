#pragma once

// What was collected for an incident, in the order it was, each item bound to the one before, and the whole signed by
// the node. A value, no I/O.
//
// In a file it is two lines: JSON, and the signature over its bytes in hexadecimal. There is one way to write it, so
// that a changed byte is either not what was signed, or no signature.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "crypto/noise.h"
#include "crypto/signature.h"
#include "evidence/errors.h"
#include "identity/member.h"

namespace phantom::evidence {

inline constexpr std::size_t kItemsMax = 128;
inline constexpr std::size_t kManifestSizeMax = 256U << 10U;
inline constexpr std::string_view kEvidenceLabel = "phantom evidence 1";
inline constexpr const char* kManifestSchema = "phantom.evidence/1";

struct Item {
    std::string file;       // its name in the folder
    std::string what;       // "sockets", "packets"
    std::string collector;  // where it was read: "/proc/net/tcp", "nft -j list ruleset"
    std::string note;       // what could not be had
    WallTime at;
    Instant monotonic;
    std::uint64_t size = 0;
    crypto::Hash sha256{};
    crypto::Hash chain{};  // H(label, the one before, all of the above)
    friend bool operator==(const Item&, const Item&) = default;
};

struct Manifest {
    std::uint64_t incident = 0;
    WallTime at;  // of the signature
    std::vector<Item> items;
    identity::MemberRecord signer;
    crypto::VerifyKey root;  // of the signer's mesh
    friend bool operator==(const Manifest&, const Manifest&) = default;
    [[nodiscard]] crypto::Hash head() const {
        return items.empty() ? crypto::Hash{} : items.back().chain;
    }
};

// Puts it at the end of the chain. kTooMuch.
[[nodiscard]] Status append(std::vector<Item>& items, Item item);

[[nodiscard]] Result<std::string> write_manifest(
    const Manifest& manifest, const crypto::SigningKey& key
);
// What write_manifest() made, to the byte: kBadManifest for all else. Nothing of it is verified.
struct SignedManifest {
    Manifest manifest;
    std::string json;
    crypto::Signature signature;
};
[[nodiscard]] Result<SignedManifest> read_manifest(std::string_view text);

// What does not hold, for people; empty: signature, signer and chain do.
[[nodiscard]] std::string problem_of(const SignedManifest& read);

}  // namespace phantom::evidence
