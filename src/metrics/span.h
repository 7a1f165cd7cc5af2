#pragma once

// What was done in a trace, and when; a bounded queue of it; and how a collector is told (OTLP over HTTP, as JSON).
//
// Source: OpenTelemetry protocol 1.x, opentelemetry/proto/trace/v1/trace.proto in its JSON form: ids in hexadecimal, 64-bit
// numbers as texts.

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "metrics/trace.h"

namespace phantom::metrics {

// Spans that wait to be sent; what is above is dropped and counted.
inline constexpr std::size_t kSpansMax = 4'096;
// Sent at once.
inline constexpr std::size_t kSpanBatchMax = 512;
inline constexpr std::size_t kAttributesMax = 16;
// Of an attribute's text; longer ones are cut.
inline constexpr std::size_t kAttributeSizeMax = 256;

struct Attribute {
    std::string key;
    std::variant<std::string, std::int64_t, double, bool> value;
};

struct Span {
    enum class Kind : std::uint8_t { kInternal = 1, kServer = 2, kClient = 3 };
    enum class Outcome : std::uint8_t { kUnset = 0, kWell = 1, kFailed = 2 };

    TraceId trace{};
    SpanId id{};
    SpanId parent{};  // none: it begins the trace
    std::string name{};
    Kind kind = Kind::kInternal;
    WallTime begin{};
    WallTime end{};
    Outcome outcome = Outcome::kUnset;
    std::vector<Attribute> attributes{};  // the first kAttributesMax
};

// Whose spans they are.
struct SpanSource {
    std::string version;
    std::string node;
    std::string mesh;
};

// ExportTraceServiceRequest.
[[nodiscard]] std::string otlp_json(const SpanSource& source, std::span<const Span> spans);

// Any thread puts, one takes.
class SpanQueue {
  public:
    struct Counts {
        std::uint64_t put = 0;
        std::uint64_t dropped = 0;
    };

    void put(Span span);
    // kSpanBatchMax at most; waits for the first, `patience` at most or until stop().
    [[nodiscard]] std::vector<Span> take(Duration patience);
    void stop();
    [[nodiscard]] bool is_stopped() const;
    // Until stop(), `patience` at most.
    void wait_for_stop(Duration patience);
    [[nodiscard]] Counts counts() const;

  private:
    mutable std::mutex mutex_;
    std::condition_variable came_;
    std::vector<Span> spans_;
    Counts counts_;
    bool stopped_ = false;
};

}  // namespace phantom::metrics
