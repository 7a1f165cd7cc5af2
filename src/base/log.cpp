#include "base/log.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <iterator>
#include <memory>
#include <mutex>

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/json_text.h"

namespace phantom::log {

namespace {

constexpr std::size_t kTraceIdSize = 32;
// A label of whoever collects lines: few values, whatever a line says.
constexpr auto kComponents = std::to_array<std::string_view>(
    {"actions",   "action",   "alerts", "alert",     "api",    "audit",   "carrier", "defence",
     "dns",       "evidence", "feeds",  "incidents", "inputs", "metrics", "nft",     "playbook",
     "playbooks", "policy",   "relay",  "routes",    "rules",  "traces"}
);

std::atomic<Level> g_level{Level::kInfo};
std::atomic<Format> g_format{Format::kText};

thread_local std::array<char, kTraceIdSize> g_trace_id{};
thread_local bool g_has_trace = false;

// Of JSON lines; text has it in its pattern.
struct Name {
    std::mutex mutex;
    std::string text;
};
Name& node_name() {
    static Name name;
    return name;
}

spdlog::logger& text_logger() {
    static spdlog::logger instance("phantom", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    return instance;
}

spdlog::logger& json_logger() {
    static spdlog::logger instance(
        "phantom-json", std::make_shared<spdlog::sinks::stdout_sink_mt>()
    );
    return instance;
}

spdlog::logger& logger() {
    return g_format.load(std::memory_order_relaxed) == Format::kJson ? json_logger()
                                                                     : text_logger();
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

std::string_view name_of(Level level) {
    static constexpr std::array<std::string_view, 5> kNames{
        "debug", "info", "warning", "error", "silent"
    };
    return kNames[static_cast<std::size_t>(level)];
}

// "alert" of "alert 12: P1 risk 9.1: ...".
std::string_view component_of(std::string_view text) {
    const std::string_view head = text.substr(0, text.find_first_of(": "));
    return text.find(':') != std::string_view::npos &&
                   std::ranges::find(kComponents, head) != kComponents.end()
               ? head
               : "node";
}

}  // namespace

void configure(Level level, std::string_view name, Format format) {
    g_format.store(format, std::memory_order_relaxed);
    configure(level, name);
}

void configure(Level level, std::string_view name) {
    g_level.store(level, std::memory_order_relaxed);
    {
        const std::scoped_lock lock(node_name().mutex);
        node_name().text = name;
    }
    logger().set_level(to_spdlog(level));
    logger().set_pattern(
        g_format.load(std::memory_order_relaxed) == Format::kJson
            ? std::string("%v")
            : "%Y-%m-%dT%H:%M:%S.%e %l (" + std::string(name) + ") %v"
    );
    logger().flush_on(spdlog::level::debug);
}

Level level() {
    return g_level.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view text) {
    if (g_format.load(std::memory_order_relaxed) == Format::kText) {
        logger().log(to_spdlog(level), text);
        return;
    }
    std::string name;
    {
        const std::scoped_lock lock(node_name().mutex);
        name = node_name().text;
    }
    const std::string_view trace =
        g_has_trace ? std::string_view(g_trace_id.data(), g_trace_id.size()) : std::string_view();
    logger().log(to_spdlog(level), json_line(level, wall_now(), name, text, trace));
}

std::string json_line(
    Level level, WallTime at, std::string_view name, std::string_view text,
    std::string_view trace_id
) {
    using namespace std::chrono;
    const sys_time<nanoseconds> when{nanoseconds(at.ns)};
    const auto day = floor<days>(when);
    const year_month_day date(day);
    const hh_mm_ss time(floor<microseconds>(when - day));
    std::string line;
    fmt::format_to(
        std::back_inserter(line),
        "{{\"time\":\"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z\",\"level\":\"{}\",\"node\":",
        static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(),
        time.seconds().count(), time.subseconds().count(), name_of(level)
    );
    append_json_text(line, name);
    line += ",\"component\":";
    append_json_text(line, component_of(text));
    line += ",\"text\":";
    append_json_text(line, text);
    if (!trace_id.empty()) {
        line += ",\"trace_id\":";
        append_json_text(line, trace_id);
    }
    line += '}';
    return line;
}

TraceScope::TraceScope(std::string_view trace_id) {
    g_has_trace = trace_id.size() == g_trace_id.size();
    if (g_has_trace) {
        std::ranges::copy(trace_id, g_trace_id.begin());
    }
}

TraceScope::~TraceScope() {
    g_has_trace = false;
}

}  // namespace phantom::log
