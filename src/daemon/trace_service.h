#pragma once

// Where spans go: to a collector that speaks OTLP over HTTP, if the owner named one (`phantom up --traces URL`; the file
// `traces` of the state directory). A thread of its own sends them, some at a time; what cannot be sent is tried again for
// a while, then dropped and counted. Nobody waits for it.
//
// Thread: control; the sending one is inside.

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "daemon/mesh_node.h"
#include "daemon/response_traces.h"
#include "metrics/span.h"

namespace phantom::daemon {

inline constexpr std::size_t kTracePlaceMax = 512;
// As often is a batch tried, so far apart.
inline constexpr int kTraceTries = 5;
inline constexpr Duration kTracePause = std::chrono::seconds(1);
// Spans that come within it are sent together.
inline constexpr Duration kTraceGather = std::chrono::milliseconds(500);

// "http://127.0.0.1:4318/v1/traces", or "off".
[[nodiscard]] bool is_trace_place(std::string_view text);

class TraceService {
  public:
    struct Counters {
        std::uint64_t sent = 0;
        std::uint64_t dropped = 0;  // no room, or the collector did not take them
    };

    // Both outlive it.
    TraceService(MeshNode& node, ResponseTraces& traces) : node_(node), traces_(traces) {}
    ~TraceService() { stop(); }
    TraceService(const TraceService&) = delete;
    TraceService& operator=(const TraceService&) = delete;

    // `place`: as the command line has it, and then kept; none for as before.
    void start(const std::optional<std::string>& place);
    void stop();

    [[nodiscard]] bool is_on() const { return thread_.joinable(); }
    [[nodiscard]] Counters counters() const;

  private:
    [[nodiscard]] std::string wanted_place(const std::optional<std::string>& place);
    void run();
    void send(const std::vector<metrics::Span>& spans);
    void say(const std::string& problem);

    MeshNode& node_;
    ResponseTraces& traces_;
    std::string place_;
    metrics::SpanSource source_;
    metrics::SpanQueue queue_;
    std::atomic<bool> stopping_{false};
    std::atomic<std::uint64_t> sent_{0};
    std::atomic<std::uint64_t> not_taken_{0};
    std::string said_;  // the sending thread's: the last problem, so that it is said once
    std::thread thread_;
};

}  // namespace phantom::daemon
