#pragma once

// What alerts say is written by whoever attacks. Here it becomes text that can be shown: UTF-8, without control
// characters, escape sequences and marks that turn the direction of writing, at most so long.

#include <string>
#include <string_view>

#include "alert/notification.h"

namespace phantom::alert {

// Each byte that is not of a UTF-8 character becomes U+FFFD.
[[nodiscard]] std::string valid_utf8(std::string_view text);
// One line: of what is not shown, a blank.
[[nodiscard]] std::string one_line(std::string_view text);
// At most `count_max` characters, the last of them an ellipsis where something is missing.
[[nodiscard]] std::string cut_to_runes(std::string text, std::size_t count_max);
[[nodiscard]] std::size_t rune_count(std::string_view text);

[[nodiscard]] std::string html_escaped(std::string_view text);
[[nodiscard]] std::string percent_encoded(std::string_view text);
[[nodiscard]] std::string base64(std::string_view text);

// "2026-11-22T20:15:00.000000000Z"
[[nodiscard]] std::string rfc3339(WallTime at);

// "[P1 FIRING:2] PortScan (peer=amber)"
[[nodiscard]] std::string title_of(const Notification& notification);
// "P1 firing: PortScan, peer=amber, 3 times since ...: what its summary says"
[[nodiscard]] std::string line_of(const NotifiedAlert& notified);
[[nodiscard]] std::string left_out_line(const Notification& notification);  // empty: none are

}  // namespace phantom::alert
