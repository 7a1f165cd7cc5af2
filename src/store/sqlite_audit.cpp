#include "store/sqlite_audit.h"

#include <algorithm>

#include "store/sqlite_calls.h"

namespace phantom::store {

namespace {

void bind_bytes(SQLite::Statement& statement, int index, ByteView bytes) {
    statement.bind(index, bytes.data(), static_cast<int>(bytes.size()));
}

// Of another size, which nothing here writes: zeros, which no chain holds.
crypto::Hash hash_at(const SQLite::Column& column) {
    crypto::Hash hash{};
    if (column.getBytes() == static_cast<int>(hash.size())) {
        const auto* bytes = static_cast<const std::uint8_t*>(column.getBlob());
        std::copy_n(bytes, hash.size(), hash.begin());
    }
    return hash;
}

constexpr const char* kSelectEntries =
    "SELECT sequence, at, who, origin, what, target, why, outcome, hash FROM audit ";

AuditEntry entry_at(SQLite::Statement& row) {
    return {
        .sequence = static_cast<std::uint64_t>(row.getColumn(0).getInt64()),
        .at = {row.getColumn(1).getInt64()},
        .who = row.getColumn(2).getString(),
        .origin = row.getColumn(3).getString(),
        .what = row.getColumn(4).getString(),
        .target = row.getColumn(5).getString(),
        .why = row.getColumn(6).getString(),
        .outcome = row.getColumn(7).getString(),
        .hash = hash_at(row.getColumn(8)),
    };
}

void insert_entry(SQLite::Database& database, const AuditEntry& entry) {
    SQLite::Statement statement(
        database,
        "INSERT INTO audit (sequence, at, who, origin, what, target, why, outcome, hash) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    );
    statement.bind(1, static_cast<std::int64_t>(entry.sequence));
    statement.bind(2, entry.at.ns);
    statement.bind(3, entry.who);
    statement.bind(4, entry.origin);
    statement.bind(5, entry.what);
    statement.bind(6, entry.target);
    statement.bind(7, entry.why);
    statement.bind(8, entry.outcome);
    bind_bytes(statement, 9, entry.hash);
    statement.exec();
}

}  // namespace

Status SqliteAudit::append(std::span<const AuditEntry> entries) {
    return store_.in_transaction([&]() -> Status {
        for (const AuditEntry& each : entries) {
            insert_entry(store_.database(), each);
        }
        return {};
    });
}

Status SqliteAudit::append_head(const AuditHead& head) {
    return guarded(StoreError::kWrite, [&] {
        SQLite::Statement statement(
            store_.database(),
            "INSERT OR REPLACE INTO audit_head (sequence, at, hash, signature) VALUES (?, ?, ?, ?)"
        );
        statement.bind(1, static_cast<std::int64_t>(head.sequence));
        statement.bind(2, head.at.ns);
        bind_bytes(statement, 3, head.hash);
        bind_bytes(statement, 4, head.signature);
        statement.exec();
    });
}

Status SqliteAudit::visit(std::uint64_t from, const See& see) {
    return guarded(StoreError::kRead, [&] {
        SQLite::Statement statement(
            store_.database(), std::string(kSelectEntries) + "WHERE sequence >= ? ORDER BY sequence"
        );
        statement.bind(1, static_cast<std::int64_t>(from));
        while (statement.executeStep() && see(entry_at(statement))) {
        }
    });
}

Result<std::vector<AuditHead>> SqliteAudit::heads() {
    return guarded(StoreError::kRead, [&] {
        SQLite::Statement statement(
            store_.database(),
            "SELECT sequence, at, hash, signature FROM audit_head ORDER BY sequence"
        );
        std::vector<AuditHead> heads;
        while (statement.executeStep()) {
            const SQLite::Column signature = statement.getColumn(3);
            const auto* bytes = static_cast<const std::uint8_t*>(signature.getBlob());
            heads.push_back({
                .sequence = static_cast<std::uint64_t>(statement.getColumn(0).getInt64()),
                .at = {statement.getColumn(1).getInt64()},
                .hash = hash_at(statement.getColumn(2)),
                .signature = {bytes, bytes + signature.getBytes()},
            });
        }
        return heads;
    });
}

Result<AuditStart> SqliteAudit::start() {
    return guarded(StoreError::kRead, [&] {
        SQLite::Statement statement(store_.database(), "SELECT sequence, hash FROM audit_start");
        AuditStart start;
        if (statement.executeStep()) {
            start.sequence = static_cast<std::uint64_t>(statement.getColumn(0).getInt64());
            start.hash = hash_at(statement.getColumn(1));
        }
        return start;
    });
}

Result<std::optional<AuditEntry>> SqliteAudit::last() {
    return guarded(StoreError::kRead, [&] {
        SQLite::Statement statement(
            store_.database(), std::string(kSelectEntries) + "ORDER BY sequence DESC LIMIT 1"
        );
        return statement.executeStep() ? std::optional(entry_at(statement)) : std::nullopt;
    });
}

Status SqliteAudit::forget_until(const AuditStart& start) {
    return store_.in_transaction([&]() -> Status {
        SQLite::Statement begins(
            store_.database(),
            "INSERT OR REPLACE INTO audit_start (only_row, sequence, hash) VALUES (1, ?, ?)"
        );
        begins.bind(1, static_cast<std::int64_t>(start.sequence));
        bind_bytes(begins, 2, start.hash);
        begins.exec();
        // The head that vouches for the start stays.
        for (const char* removal :
             {"DELETE FROM audit WHERE sequence <= ?", "DELETE FROM audit_head WHERE sequence < ?"
             }) {
            SQLite::Statement statement(store_.database(), removal);
            statement.bind(1, static_cast<std::int64_t>(start.sequence));
            statement.exec();
        }
        return {};
    });
}

}  // namespace phantom::store
