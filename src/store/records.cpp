#include "store/records.h"

#include "store/sqlite_calls.h"

namespace phantom::store {

Status Records::put(std::string_view kind, const Record& record) {
    return guarded(StoreError::kWrite, [&] {
        SQLite::Statement statement(
            store_.database(),
            "INSERT INTO record (kind, key, value) VALUES (?, ?, ?) "
            "ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value"
        );
        statement.bind(1, std::string(kind));
        statement.bind(2, record.key);
        statement.bind(3, record.value);
        statement.exec();
    });
}

Status Records::remove(std::string_view kind, std::string_view key) {
    return guarded(StoreError::kWrite, [&] {
        SQLite::Statement statement(
            store_.database(), "DELETE FROM record WHERE kind = ? AND key = ?"
        );
        statement.bind(1, std::string(kind));
        statement.bind(2, std::string(key));
        statement.exec();
    });
}

Result<std::vector<Record>> Records::all(std::string_view kind, std::size_t count_max) {
    return guarded(StoreError::kRead, [&] {
        SQLite::Statement statement(
            store_.database(), "SELECT key, value FROM record WHERE kind = ? ORDER BY key LIMIT ?"
        );
        statement.bind(1, std::string(kind));
        statement.bind(2, static_cast<std::int64_t>(count_max));
        std::vector<Record> records;
        while (statement.executeStep()) {
            records.push_back(
                {.key = statement.getColumn(0).getString(),
                 .value = statement.getColumn(1).getString()}
            );
        }
        return records;
    });
}

}  // namespace phantom::store
