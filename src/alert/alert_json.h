#pragma once

// An alert as Alertmanager's interface takes one:
//   {"labels": {"alertname": "PortScan", "priority": "P2"}, "annotations": {"summary": "..."},
//    "startsAt": "2026-11-22T20:15:00Z", "endsAt": "..."}
// Without `startsAt` it begins now; without the label `priority` it is P3.

#include <expected>
#include <string>
#include <string_view>

#include "alert/alert.h"

namespace phantom::alert {

inline constexpr std::size_t kAlertJsonSizeMax = 16'384;

[[nodiscard]] std::expected<Alert, std::string> parse_alert(std::string_view text, WallTime now);

// RFC 3339, with any offset and up to nine digits behind the point.
[[nodiscard]] std::expected<WallTime, std::string> parse_rfc3339(std::string_view text);

}  // namespace phantom::alert
