#pragma once

// Where the audit log is kept, without a word about what keeps it: SQLite here (sqlite_audit.h), another
// database behind the same calls elsewhere.

#include <functional>
#include <optional>
#include <span>

#include "base/result.h"
#include "store/audit_entry.h"

namespace phantom::store {

// The hash that the first entry kept goes on from, and the number before it.
struct AuditStart {
    std::uint64_t sequence = 0;
    crypto::Hash hash{};
};

class AuditRepository {
  public:
    AuditRepository() = default;
    AuditRepository(const AuditRepository&) = delete;
    AuditRepository& operator=(const AuditRepository&) = delete;
    AuditRepository(AuditRepository&&) = delete;
    AuditRepository& operator=(AuditRepository&&) = delete;
    virtual ~AuditRepository() = default;

    // All or none, and on the disk when it returns.
    [[nodiscard]] virtual Status append(std::span<const AuditEntry> entries) = 0;
    [[nodiscard]] virtual Status append_head(const AuditHead& head) = 0;

    // In order from `from` on, until `see` says false.
    using See = std::function<bool(const AuditEntry&)>;
    [[nodiscard]] virtual Status visit(std::uint64_t from, const See& see) = 0;
    [[nodiscard]] virtual Result<std::vector<AuditHead>> heads() = 0;
    [[nodiscard]] virtual Result<AuditStart> start() = 0;
    // The newest; none where there is none.
    [[nodiscard]] virtual Result<std::optional<AuditEntry>> last() = 0;

    // Lets go of all up to and with `start.sequence`.
    [[nodiscard]] virtual Status forget_until(const AuditStart& start) = 0;
};

}  // namespace phantom::store
