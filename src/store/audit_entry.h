#pragma once

// One decision or action, and how it is bound to the one before: hash = SHA-256 over a label, the hash before, and
// every field with its length. The first goes on from zeros.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "crypto/noise.h"

namespace phantom::store {

// What is longer is cut: some of it comes from outside.
inline constexpr std::size_t kAuditFieldMax = 512;

struct AuditEntry {
    std::uint64_t sequence = 0;  // the log's; from 1
    WallTime at;
    std::string who;      // "operator", "defence", "mesh", "playbook"
    std::string origin;   // from where: "control socket, uid 0", "pipeline"
    std::string what;     // "block", "policy.set", "alert"
    std::string target;   // an address, a name, a number
    std::string why;      // a reason, an alert
    std::string outcome;  // "done", "refused: ..."
    crypto::Hash hash{};

    friend bool operator==(const AuditEntry&, const AuditEntry&) = default;
};

[[nodiscard]] crypto::Hash chain_hash(const crypto::Hash& before, const AuditEntry& entry);

// The log up to an entry, vouched for by the node.
struct AuditHead {
    std::uint64_t sequence = 0;
    WallTime at;
    crypto::Hash hash{};
    std::vector<std::uint8_t> signature;

    // What is signed, under kAuditHeadLabel.
    [[nodiscard]] std::vector<std::uint8_t> message() const;
};
inline constexpr std::string_view kAuditHeadLabel = "phantom audit head 1";

}  // namespace phantom::store
