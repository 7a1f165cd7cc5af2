#pragma once

// What a node counts, described: a Family is one line of the table that /metrics, docs/metrics.md and the tests are made
// from. Values; any thread.
//
// Source: OpenMetrics 1.0.0 (types, suffixes, units); Prometheus' practices for names.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace phantom::metrics {

enum class Type : std::uint8_t { kCounter, kGauge, kHistogram, kInfo };

// When a node has at least one series of it.
enum class Shown : std::uint8_t {
    kAlways,
    kWithPeers,  // somebody else is in the mesh
    kWhenUsed,   // what it is about is set up, or has happened
};

// Other members, and stock peers beside them.
inline constexpr std::size_t kPeerSeriesMax = 1'024;
// One for each path that a peer may have now and had when it was counted.
inline constexpr std::size_t kFewSeriesMax = 64;
inline constexpr std::size_t kLabelsMax = 4;

struct Family {
    // Without the suffix of its type ("_total", "_info", "_bucket").
    std::string_view name;
    Type type = Type::kGauge;
    std::string_view unit{};  // the name ends with it; empty: none
    std::string_view help;    // one line
    std::array<std::string_view, kLabelsMax> labels{};
    // Above it: counters are summed into one series whose labels are kOtherLabel, other types are left out. Either is
    // counted in phantommesh_metrics_folded_series.
    std::size_t series_max = kFewSeriesMax;
    Shown shown = Shown::kAlways;

    [[nodiscard]] constexpr std::size_t label_count() const {
        std::size_t count = 0;
        while (count < labels.size() && !labels[count].empty()) {
            ++count;
        }
        return count;
    }
};

// No name of a peer, a feed or an input begins so.
inline constexpr std::string_view kOtherLabel = "_other";

[[nodiscard]] std::string_view name_of(Type type);
// As queries name it: "phantommesh_tunnel_packets_total".
[[nodiscard]] std::string series_name(const Family& family);

}  // namespace phantom::metrics
