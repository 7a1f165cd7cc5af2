#include "store/errors.h"

namespace phantom::store {

namespace {

const char* describe_store_error(std::uint16_t code) {
    switch (static_cast<StoreError>(code)) {
        case StoreError::kOpen:
            return "the database cannot be opened";
        case StoreError::kDamaged:
            return "the database is damaged: restore it from a backup, or move it away";
        case StoreError::kNewer:
            return "the database was written by a newer version of this program";
        case StoreError::kMigration:
            return "the database cannot be brought to this version's form";
        case StoreError::kRead:
            return "the database cannot be read";
        case StoreError::kWrite:
            return "the database cannot be written";
        case StoreError::kBackup:
            return "the backup cannot be written";
        case StoreError::kFull:
            return "more is waiting than is kept";
    }
    return "unknown error";
}

constexpr ErrorDomain kStoreDomain{"store", describe_store_error};

}  // namespace

const ErrorDomain& error_domain(StoreError /*code*/) {
    return kStoreDomain;
}

}  // namespace phantom::store
