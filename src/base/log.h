#pragma once

// Logging for the control side: never from the packet path. Thin over spdlog so that only log.cpp
// compiles it.

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/clock.h"

namespace phantom::log {

enum class Level { kDebug, kInfo, kWarning, kError, kSilent };
enum class Format {
    kText,  // to standard error, each line led by `name` ("wg0")
    kJson,  // to standard output, a line an object: json_line()
};

// Call once at start-up, before there are threads; the level and the name may be changed later.
void configure(Level level, std::string_view name, Format format);
// In the format there is.
void configure(Level level, std::string_view name);
[[nodiscard]] Level level();

void write(Level level, std::string_view text);

// {"time":"2026-11-23T01:32:27.000000Z","level":"info","node":"wg0","component":"api","text":"...","trace_id":"..."};
// without a trace without its id. `component`: what stands before the text's first colon, where that is one of ours;
// otherwise "node".
[[nodiscard]] std::string json_line(
    Level level, WallTime at, std::string_view name, std::string_view text,
    std::string_view trace_id
);

// What this thread writes while it is there belongs to this trace, 32 hexadecimal digits. They do not nest.
class TraceScope {
  public:
    explicit TraceScope(std::string_view trace_id);
    ~TraceScope();
    TraceScope(const TraceScope&) = delete;
    TraceScope& operator=(const TraceScope&) = delete;
};

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
    if (level() <= Level::kDebug) {
        write(Level::kDebug, fmt::format(format, std::forward<Args>(args)...));
    }
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
    if (level() <= Level::kInfo) {
        write(Level::kInfo, fmt::format(format, std::forward<Args>(args)...));
    }
}
template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
    if (level() <= Level::kWarning) {
        write(Level::kWarning, fmt::format(format, std::forward<Args>(args)...));
    }
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
    if (level() <= Level::kError) {
        write(Level::kError, fmt::format(format, std::forward<Args>(args)...));
    }
}

}  // namespace phantom::log
