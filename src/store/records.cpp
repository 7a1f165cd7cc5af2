#include "store/records.h"

#include <charconv>

#include <fmt/format.h>

#include "store/sqlite_calls.h"

namespace phantom::store {

std::string number_key(std::uint64_t number) {
    return fmt::format("{:020}", number);
}

std::vector<std::string> number_keys(std::span<const std::uint64_t> numbers) {
    std::vector<std::string> keys;
    for (const std::uint64_t number : numbers) {
        keys.push_back(number_key(number));
    }
    return keys;
}

std::uint64_t number_of_key(std::string_view key) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
    return error == std::errc() && end == key.data() + key.size() ? number : 0;
}

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

Status Records::change(
    std::string_view kind, std::span<const Record> put, std::span<const std::string> gone
) {
    return store_.in_transaction([&]() -> Status {
        for (const Record& each : put) {
            PM_TRY(this->put(kind, each));
        }
        for (const std::string& key : gone) {
            PM_TRY(remove(kind, key));
        }
        return {};
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
