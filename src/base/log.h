#pragma once

// Logging for the control side: never from the packet path. Thin over spdlog so that only log.cpp
// compiles it.

#include <string_view>

#include <fmt/format.h>

namespace phantom::log {

enum class Level { kDebug, kInfo, kWarning, kError, kSilent };

// Writes to standard error, each line led by `name` ("wg0"). Call once at start-up.
void configure(Level level, std::string_view name);
[[nodiscard]] Level level();

void write(Level level, std::string_view text);

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
