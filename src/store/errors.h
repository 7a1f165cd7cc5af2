#pragma once

#include <cstdint>

#include "base/result.h"

namespace phantom::store {

// The detail is SQLite's extended result code where it has one.
enum class StoreError : std::uint16_t {
    kOpen,
    kDamaged,
    kNewer,
    kMigration,
    kRead,
    kWrite,
    kBackup,
    kFull,
};

[[nodiscard]] const ErrorDomain& error_domain(StoreError code);

}  // namespace phantom::store
