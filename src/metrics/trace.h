#pragma once

// Names of traces and spans, and how they travel: W3C Trace Context, level 1. Values; any thread.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace phantom::metrics {

struct TraceId {
    std::array<std::uint8_t, 16> bytes{};

    friend auto operator<=>(const TraceId&, const TraceId&) = default;
    [[nodiscard]] bool is_none() const { return *this == TraceId{}; }
    [[nodiscard]] std::string to_string() const;  // 32 hexadecimal digits
};

struct SpanId {
    std::array<std::uint8_t, 8> bytes{};

    friend auto operator<=>(const SpanId&, const SpanId&) = default;
    [[nodiscard]] bool is_none() const { return *this == SpanId{}; }
    [[nodiscard]] std::string to_string() const;  // 16
};

struct TraceParent {
    TraceId trace;
    SpanId span;
    bool is_sampled = false;

    friend bool operator==(const TraceParent&, const TraceParent&) = default;
    // "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    [[nodiscard]] std::string to_string() const;
    // Section 3.2: none for anything else, ids that are all zero and the version ff among it. Of a later version what
    // this one has is taken.
    [[nodiscard]] static std::optional<TraceParent> parse(std::string_view text);
};

}  // namespace phantom::metrics
