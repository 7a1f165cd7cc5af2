#include "store/documents.h"

#include "store/sqlite_calls.h"

namespace phantom::store {

Status SqliteDocuments::change(
    std::string_view kind, std::span<const Document> put, std::span<const std::uint64_t> gone
) {
    const std::string name(kind);
    return store_.in_transaction([&]() -> Status {
        for (const Document& each : put) {
            SQLite::Statement statement(
                store_.database(),
                "INSERT OR REPLACE INTO document (kind, number, body) VALUES (?, ?, ?)"
            );
            statement.bind(1, name);
            statement.bind(2, static_cast<std::int64_t>(each.number));
            statement.bind(3, each.body);
            statement.exec();
        }
        for (const std::uint64_t number : gone) {
            SQLite::Statement statement(
                store_.database(), "DELETE FROM document WHERE kind = ? AND number = ?"
            );
            statement.bind(1, name);
            statement.bind(2, static_cast<std::int64_t>(number));
            statement.exec();
        }
        return {};
    });
}

Result<std::vector<Document>> SqliteDocuments::all(std::string_view kind) {
    return guarded(StoreError::kRead, [&] {
        SQLite::Statement statement(
            store_.database(), "SELECT number, body FROM document WHERE kind = ? ORDER BY number"
        );
        statement.bind(1, std::string(kind));
        std::vector<Document> documents;
        while (statement.executeStep()) {
            documents.push_back(
                {static_cast<std::uint64_t>(statement.getColumn(0).getInt64()),
                 statement.getColumn(1).getString()}
            );
        }
        return documents;
    });
}

}  // namespace phantom::store
