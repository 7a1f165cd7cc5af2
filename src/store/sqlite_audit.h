#pragma once

// The audit log in SQLite. Triggers refuse to change an entry, and to remove any but the oldest.

#include "store/audit_repository.h"
#include "store/store.h"

namespace phantom::store {

class SqliteAudit final : public AuditRepository {
  public:
    // `store` outlives it.
    explicit SqliteAudit(Store& store) : store_(store) {}

    [[nodiscard]] Status append(std::span<const AuditEntry> entries) override;
    [[nodiscard]] Status append_head(const AuditHead& head) override;
    [[nodiscard]] Status visit(std::uint64_t from, const See& see) override;
    [[nodiscard]] Result<std::vector<AuditHead>> heads() override;
    [[nodiscard]] Result<AuditStart> start() override;
    [[nodiscard]] Result<std::optional<AuditEntry>> last() override;
    [[nodiscard]] Status forget_until(const AuditStart& start) override;

  private:
    Store& store_;
};

}  // namespace phantom::store
