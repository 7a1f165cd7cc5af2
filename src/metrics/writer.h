#pragma once

// The page that a scrape gets: OpenMetrics 1.0.0, or Prometheus' text format 0.0.4. Families come one after the other, each
// once; what they may look like is their description's (families.h).
//
//     Writer writer(Format::kOpenMetrics);
//     writer.write(family("phantommesh_tunnel_peers"), 3);
//     writer.begin(family("phantommesh_peer_rtt_seconds"));
//     for (const auto& peer : peers) { writer.add({peer.name}, peer.rtt_s); }
//     return writer.finish();
//
// One thread.

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

#include "metrics/family.h"
#include "metrics/histogram.h"

namespace phantom::metrics {

enum class Format : std::uint8_t { kOpenMetrics, kPrometheus };
[[nodiscard]] const char* content_type(Format format);
// What a field Accept asks for: Prometheus' text where it names that and not OpenMetrics.
[[nodiscard]] Format format_for(std::string_view accept);

class Writer {
  public:
    using Labels = std::initializer_list<std::string_view>;

    explicit Writer(Format format) : format_(format) {}

    void begin(const Family& family);
    // As many labels as the family has, in its order. A counter's value never falls.
    void add(Labels labels, double value);
    template <std::integral Number>
    void add(Labels labels, Number value) {
        if constexpr (std::is_signed_v<Number>) {
            PM_ASSERT(value >= 0);
        }
        add_number(labels, static_cast<std::uint64_t>(value));
    }
    void add(Labels labels, const Histogram& histogram);

    template <class Value>
    void write(const Family& family, const Value& value) {
        begin(family);
        add({}, value);
    }

    // Series so far that had no room of their own.
    [[nodiscard]] std::size_t folded() const { return folded_; }
    // With the end mark. The writer is not used after that.
    [[nodiscard]] std::string finish();

  private:
    void add_number(Labels labels, std::uint64_t value);
    // False: no series more of this family.
    [[nodiscard]] bool take_room(Labels labels);
    void begin_line(std::string_view suffix, Labels labels, std::string_view le = {});
    void append_labels(Labels labels, std::string_view le);
    void end_family();

    Format format_;
    fmt::memory_buffer out_;
    const Family* family_ = nullptr;
    std::string_view suffix_;
    std::size_t series_ = 0;
    std::uint64_t other_ = 0;  // of a counter
    bool has_other_ = false;
    std::size_t folded_ = 0;
    std::vector<const Family*> written_;
};

}  // namespace phantom::metrics
