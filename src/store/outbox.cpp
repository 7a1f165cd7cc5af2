#include "store/outbox.h"

#include <string_view>

#include "store/sqlite_calls.h"

namespace phantom::store {

namespace {

std::string cut_answer(std::string_view answer) {
    return std::string(answer.substr(0, kAnswerSizeMax));
}

bool insert(SQLite::Database& database, const OutboxEntry& entry) {
    SQLite::Statement statement(
        database,
        "INSERT OR IGNORE INTO delivery (key, sequence, priority, state, put_at, next_at, request) "
        "VALUES (?, (SELECT coalesce(max(sequence), 0) + 1 FROM delivery), ?, 'queued', ?, ?, ?)"
    );
    statement.bind(1, entry.key);
    statement.bind(2, entry.priority);
    statement.bind(3, entry.put_at.ns);
    statement.bind(4, entry.next_at.ns);
    statement.bind(5, entry.request);
    return statement.exec() == 1;
}

std::size_t count_where(SQLite::Database& database, const std::string& where) {
    return static_cast<std::size_t>(
        database.execAndGet("SELECT count(*) FROM delivery WHERE " + where).getInt64()
    );
}

constexpr const char* kPending = "state IN ('queued', 'retry')";

}  // namespace

Result<std::vector<std::size_t>> Outbox::put(
    std::span<const OutboxEntry> entries, const std::function<Status()>& also
) {
    std::vector<std::size_t> fresh;
    PM_TRY(store_.in_transaction([&]() -> Status {
        // SQLite's exceptions go through to in_transaction, which takes everything back.
        SQLite::Database& database = store_.database();
        for (std::size_t index = 0; index < entries.size(); ++index) {
            if (insert(database, entries[index])) {
                fresh.push_back(index);
            }
        }
        if (!fresh.empty() && count_where(database, kPending) > kOutboxPendingMax) {
            return fail(StoreError::kFull);
        }
        return also ? also() : Status();
    }));
    return fresh;
}

Result<std::vector<OutboxEntry>> Outbox::select(const char* where, std::size_t count_max) {
    return guarded(StoreError::kRead, [&] {
        SQLite::Statement statement(
            store_.database(),
            std::string(
                "SELECT key, priority, attempts, put_at, next_at, request FROM delivery WHERE "
            ) + where +
                " ORDER BY sequence LIMIT ?"
        );
        statement.bind(1, static_cast<std::int64_t>(count_max));
        std::vector<OutboxEntry> entries;
        while (statement.executeStep()) {
            entries.push_back(OutboxEntry{
                .key = statement.getColumn(0).getString(),
                .priority = statement.getColumn(1).getInt(),
                .attempts = statement.getColumn(2).getUInt(),
                .put_at = {statement.getColumn(3).getInt64()},
                .next_at = {statement.getColumn(4).getInt64()},
                .request = statement.getColumn(5).getString()
            });
        }
        return entries;
    });
}

Result<std::vector<OutboxEntry>> Outbox::pending() {
    return select(kPending, kOutboxPendingMax);
}

Result<std::vector<OutboxEntry>> Outbox::dead_letters(std::size_t count_max) {
    return select("state = 'dead_letter'", count_max);
}

Status Outbox::mark_delivered(const std::string& key, WallTime now, std::string_view answer) {
    return guarded(StoreError::kWrite, [&] {
        SQLite::Statement statement(
            store_.database(),
            "UPDATE delivery SET state = 'delivered', attempts = attempts + 1, done_at = ?, "
            "answer = ?, request = '' WHERE key = ?"
        );
        statement.bind(1, now.ns);
        statement.bind(2, cut_answer(answer));
        statement.bind(3, key);
        statement.exec();
    });
}

Status Outbox::mark_retry(const OutboxEntry& entry, std::string_view answer) {
    return guarded(StoreError::kWrite, [&] {
        SQLite::Statement statement(
            store_.database(),
            "UPDATE delivery SET state = 'retry', attempts = ?, next_at = ?, answer = ? WHERE key "
            "= ?"
        );
        statement.bind(1, entry.attempts);
        statement.bind(2, entry.next_at.ns);
        statement.bind(3, cut_answer(answer));
        statement.bind(4, entry.key);
        statement.exec();
    });
}

Status Outbox::mark_dead(const std::string& key, WallTime now, std::string_view answer) {
    return guarded(StoreError::kWrite, [&] {
        SQLite::Statement statement(
            store_.database(),
            "UPDATE delivery SET state = 'dead_letter', attempts = attempts + 1, done_at = ?, "
            "answer = ? WHERE key = ?"
        );
        statement.bind(1, now.ns);
        statement.bind(2, cut_answer(answer));
        statement.bind(3, key);
        statement.exec();
    });
}

Result<Fate> Outbox::fate_of(const std::string& key) {
    return guarded(StoreError::kRead, [&] {
        SQLite::Statement statement(
            store_.database(), "SELECT state, attempts, done_at, answer FROM delivery WHERE key = ?"
        );
        statement.bind(1, key);
        if (!statement.executeStep()) {
            return Fate();
        }
        const std::string state = statement.getColumn(0).getString();
        return Fate{
            .state = state == "delivered"     ? Fate::State::kDelivered
                     : state == "dead_letter" ? Fate::State::kDeadLetter
                                              : Fate::State::kPending,
            .attempts = statement.getColumn(1).getUInt(),
            .done_at = {statement.getColumn(2).getInt64()},
            .answer = statement.getColumn(3).getString()
        };
    });
}

Status Outbox::forget_before(WallTime at) {
    return guarded(StoreError::kWrite, [&] {
        SQLite::Statement statement(store_.database(), "DELETE FROM delivery WHERE done_at < ?");
        statement.bind(1, at.ns);
        statement.exec();
    });
}

Result<OutboxCounts> Outbox::counts() {
    return guarded(StoreError::kRead, [&] {
        SQLite::Database& database = store_.database();
        return OutboxCounts{
            .pending = count_where(database, kPending),
            .delivered = count_where(database, "state = 'delivered'"),
            .dead_letters = count_where(database, "state = 'dead_letter'")
        };
    });
}

}  // namespace phantom::store
