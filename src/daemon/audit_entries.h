#pragma once

// What of a request to the control socket goes into the audit log: all but questions.

#include <optional>
#include <string_view>

#include <boost/json.hpp>

#include "store/audit_entry.h"

namespace phantom::daemon {

// None for what only asks. Texts that may be secret (shares, tokens, configurations) are not taken.
[[nodiscard]] std::optional<store::AuditEntry> audit_entry_of(
    const boost::json::object& request, const boost::json::object& answer, std::string_view origin,
    WallTime now
);

}  // namespace phantom::daemon
