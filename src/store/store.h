#pragma once

// A SQLite file that survives a crash at any moment: write-ahead log, every commit on the disk before it
// returns, STRICT tables, foreign keys. One thread. Others see one consistent state while it is written to.
//
//     auto store = PM_TRY(store::Store::open("/var/lib/phantommesh/alerts.db"));
//     store::Outbox outbox(store);

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "store/errors.h"

namespace SQLite {  // NOLINT(readability-identifier-naming): as the library calls it
class Database;
}

namespace phantom::store {

// How long another program (a backup, somebody's shell) may hold the file.
inline constexpr int kBusyWaitMs = 5'000;

class Store {
  public:
    // Makes the file where it is missing, with mode 0600; checks it; brings its tables to this version.
    // kOpen, kDamaged, kNewer, kMigration.
    [[nodiscard]] static Result<Store> open(const std::string& path);

    // Another's file, while he may be writing to it; nothing is changed. kOpen, kDamaged, kNewer; kMigration for an
    // older one.
    [[nodiscard]] static Result<Store> open_to_read(const std::string& path);

    Store(Store&&) noexcept;
    Store& operator=(Store&&) noexcept;
    ~Store();

    // All that `work` does, or nothing of it. An error of `work`'s takes it back.
    [[nodiscard]] Status in_transaction(const std::function<Status()>& work);
    // A copy that can be opened, while this one stays in use.
    [[nodiscard]] Status back_up_to(const std::string& path);
    // In place of the file at `path`, which nobody has open: the backup, if it is whole and of no newer version; the
    // old file or the new one is there whatever happens. kOpen, kDamaged, kNewer, kBackup.
    [[nodiscard]] static Status restore(const std::string& backup, const std::string& path);

    // For this component's tables.
    [[nodiscard]] SQLite::Database& database() { return *database_; }

  private:
    explicit Store(std::unique_ptr<SQLite::Database> database);

    std::unique_ptr<SQLite::Database> database_;
};

}  // namespace phantom::store
