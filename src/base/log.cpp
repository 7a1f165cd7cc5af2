#include "base/log.h"

#include <atomic>
#include <memory>
#include <string>

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace phantom::log {

namespace {

std::atomic<Level> g_level{Level::kInfo};

spdlog::logger& logger() {
    static spdlog::logger instance("phantom", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    return instance;
}

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::kDebug:
            return spdlog::level::debug;
        case Level::kInfo:
            return spdlog::level::info;
        case Level::kWarning:
            return spdlog::level::warn;
        case Level::kError:
            return spdlog::level::err;
        case Level::kSilent:
            return spdlog::level::off;
    }
    return spdlog::level::off;
}

}  // namespace

void configure(Level level, std::string_view name) {
    g_level.store(level, std::memory_order_relaxed);
    logger().set_level(to_spdlog(level));
    logger().set_pattern("%Y-%m-%dT%H:%M:%S.%e %l (" + std::string(name) + ") %v");
    logger().flush_on(spdlog::level::debug);
}

Level level() {
    return g_level.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view text) {
    logger().log(to_spdlog(level), text);
}

}  // namespace phantom::log
