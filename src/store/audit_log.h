#pragma once

// The audit log: what was decided and done, each entry bound to the one before by its hash, the newest signed at
// intervals. Who changes, removes or reorders an entry is found out by verify_audit(); who cuts off the end, from the
// last signed head on, by whoever remembers the head (the daemon, while it runs).
//
//     AuditLog log(repository);
//     PM_TRY(log.open());
//     PM_TRY(log.append(entries));                     // on the disk when it returns
//     if (log.wants_signature(now)) { PM_TRY(log.sign(key, now)); }
//
// One thread.

#include <optional>
#include <span>
#include <string>

#include "crypto/signature.h"
#include "store/audit_repository.h"

namespace phantom::store {

// A head is signed when so many entries are without, or the first of them is so old.
inline constexpr std::uint64_t kAuditUnsignedMax = 256;
inline constexpr Duration kAuditUnsignedAge = std::chrono::seconds(30);
// Above it, and older than it, the oldest go, up to a signed head.
inline constexpr std::uint64_t kAuditEntriesMax = 200'000;
inline constexpr Duration kAuditAgeMax = std::chrono::hours(24 * 400);

class AuditLog {
  public:
    // `repository` outlives it.
    explicit AuditLog(AuditRepository& repository) : repository_(repository) {}

    // Goes on where the repository ends.
    [[nodiscard]] Status open();
    // Numbers and hashes are set here; texts are cut.
    [[nodiscard]] Status append(std::span<AuditEntry> entries);

    [[nodiscard]] bool wants_signature(WallTime now) const;
    [[nodiscard]] Status sign(const crypto::SigningKey& key, WallTime now);
    // What is too old or too much.
    [[nodiscard]] Status retain(WallTime now);

    [[nodiscard]] std::uint64_t sequence() const { return sequence_; }
    [[nodiscard]] const crypto::Hash& hash() const { return hash_; }
    // Of sequence 0: none yet.
    [[nodiscard]] const AuditHead& signed_head() const { return signed_; }

  private:
    AuditRepository& repository_;
    std::uint64_t sequence_ = 0;
    crypto::Hash hash_{};
    AuditHead signed_;
    WallTime unsigned_since_;
    std::uint64_t first_ = 1;
};

struct AuditVerdict {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint64_t entries = 0;
    std::uint64_t signed_up_to = 0;
    WallTime signed_at;
    crypto::Hash hash{};  // of the last
    // Where and what, for people; empty: all of it holds.
    std::string problem;
};

// `key`: the node's. Heads that earlier keys of the node signed are held against the chain only; the newest has to be
// of this key. `known`: the newest entry that somebody remembers, for what was cut off at the end.
[[nodiscard]] Result<AuditVerdict> verify_audit(
    AuditRepository& repository, const crypto::VerifyKey& key,
    const std::optional<AuditStart>& known = std::nullopt
);

}  // namespace phantom::store
