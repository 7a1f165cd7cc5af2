#pragma once

// A line as syslog writes it: RFC 3164, RFC 5424, or the file of a syslog daemon. What cannot be told stays
// empty: whoever writes a line may write anything.

#include <optional>
#include <string_view>

namespace phantom::scenario {

struct SyslogLine {
    std::optional<unsigned> priority;  // facility * 8 + severity
    std::string_view time;             // as it stands there
    std::string_view host;
    std::string_view program;
    std::string_view process;
    std::string_view message;
};

// Borrows from `text`. A text without a header is all message.
[[nodiscard]] SyslogLine read_syslog(std::string_view text);

}  // namespace phantom::scenario
