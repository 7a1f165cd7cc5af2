#include "store/store.h"

#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "store/migrations.h"
#include "store/sqlite_calls.h"

namespace phantom::store {

namespace {

// SQLite gives its log and its shared memory the mode of the file, so that one has to be right first.
Status make_private_file(const std::string& path) {
    constexpr ::mode_t kOwnerOnly = 0600;
    const int fd =
        ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly);  // NOLINT(*-vararg): POSIX
    if (fd < 0) {
        return fail(StoreError::kOpen);
    }
    ::close(fd);
    return {};
}

Status configure(SQLite::Database& database) {
    return guarded(StoreError::kOpen, [&] {
        database.setBusyTimeout(kBusyWaitMs);
        database.exec("PRAGMA journal_mode = WAL");
        database.exec("PRAGMA synchronous = FULL");
        database.exec("PRAGMA foreign_keys = ON");
        database.exec("PRAGMA trusted_schema = OFF");
    });
}

Status check_integrity(SQLite::Database& database) {
    const std::string verdict = PM_TRY(guarded(StoreError::kDamaged, [&] {
        return database.execAndGet("PRAGMA quick_check(1)").getString();
    }));
    if (verdict != "ok") {
        return fail(StoreError::kDamaged);
    }
    return {};
}

Status migrate(SQLite::Database& database) {
    const int done = PM_TRY(guarded(StoreError::kRead, [&] {
        return database.execAndGet("PRAGMA user_version").getInt();
    }));
    const auto wanted = static_cast<int>(kMigrations.size());
    if (done > wanted) {
        return fail(StoreError::kNewer, static_cast<std::uint32_t>(done));
    }
    return guarded(StoreError::kMigration, [&] {
        for (int version = done; version < wanted; ++version) {
            SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
            database.exec(kMigrations.at(static_cast<std::size_t>(version)));
            database.exec("PRAGMA user_version = " + std::to_string(version + 1));
            transaction.commit();
        }
    });
}

// Read only, so that what is refused is left as it was.
Status check_backup(const std::string& path) {
    auto database = PM_TRY(guarded(StoreError::kOpen, [&] {
        return std::make_unique<SQLite::Database>(path, SQLite::OPEN_READONLY, kBusyWaitMs);
    }));
    const std::string verdict = PM_TRY(guarded(StoreError::kDamaged, [&] {
        return database->execAndGet("PRAGMA integrity_check(1)").getString();
    }));
    const int version = PM_TRY(guarded(StoreError::kDamaged, [&] {
        return database->execAndGet("PRAGMA user_version").getInt();
    }));
    if (version > static_cast<int>(kMigrations.size())) {
        return fail(StoreError::kNewer, static_cast<std::uint32_t>(version));
    }
    // An empty file is a database to SQLite, and no backup.
    if (verdict != "ok" || version == 0) {
        return fail(StoreError::kDamaged);
    }
    return {};
}  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): PM_TRY has moved it

Status sync_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);  // NOLINT(*-vararg): POSIX
    const bool is_synced = fd >= 0 && ::fsync(fd) == 0;
    if (fd >= 0) {
        ::close(fd);
    }
    return is_synced ? Status() : fail(StoreError::kBackup);
}

}  // namespace

Store::Store(std::unique_ptr<SQLite::Database> database) : database_(std::move(database)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::open(const std::string& path) {
    PM_TRY(make_private_file(path));
    auto database = PM_TRY(guarded(StoreError::kOpen, [&] {
        return std::make_unique<SQLite::Database>(
            path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyWaitMs
        );
    }));
    // A file that is no database is only found out by reading it.
    PM_TRY(check_integrity(*database));
    PM_TRY(configure(*database));
    PM_TRY(migrate(*database));
    return Store(std::move(database));
}  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): PM_TRY has moved it

Result<Store> Store::open_to_read(const std::string& path) {
    auto database = PM_TRY(guarded(StoreError::kOpen, [&] {
        return std::make_unique<SQLite::Database>(path, SQLite::OPEN_READONLY, kBusyWaitMs);
    }));
    const int version = PM_TRY(guarded(StoreError::kDamaged, [&] {
        return database->execAndGet("PRAGMA user_version").getInt();
    }));
    constexpr auto kWanted = static_cast<int>(kMigrations.size());
    if (version != kWanted) {
        return fail(version > kWanted ? StoreError::kNewer : StoreError::kMigration);
    }
    return Store(std::move(database));
}  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): PM_TRY has moved it

Status Store::in_transaction(const std::function<Status()>& work) {
    Status worked;
    PM_TRY(guarded(StoreError::kWrite, [&] {
        SQLite::Transaction transaction(*database_, SQLite::TransactionBehavior::IMMEDIATE);
        worked = work();
        if (worked) {
            transaction.commit();
        }
    }));
    return worked;
}

Status Store::back_up_to(const std::string& path) {
    PM_TRY(make_private_file(path));
    return guarded(StoreError::kBackup, [&] {
        database_->backup(path.c_str(), SQLite::Database::Save);
    });
}

Status Store::restore(const std::string& backup, const std::string& path) {
    PM_TRY(check_backup(backup));
    const std::string fresh = path + ".restored";
    std::error_code error;
    std::filesystem::remove(fresh, error);
    PM_TRY(make_private_file(fresh));
    PM_TRY(guarded(StoreError::kBackup, [&] {
        SQLite::Database source(backup, SQLite::OPEN_READONLY, kBusyWaitMs);
        source.backup(fresh.c_str(), SQLite::Database::Save);
    }));
    PM_TRY(check_backup(fresh));
    PM_TRY(sync_file(fresh));
    // The log of the old file would be read as the new one's.
    std::filesystem::remove(path + "-wal", error);
    std::filesystem::remove(path + "-shm", error);
    std::filesystem::rename(fresh, path, error);
    if (error) {
        return fail(StoreError::kBackup);
    }
    return sync_file(std::filesystem::path(path).parent_path().string());
}

}  // namespace phantom::store
