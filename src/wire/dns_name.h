#pragma once

// A domain name as DNS carries it: labels with their length in front, the root's empty one last.
// The case is kept as it came and never compared. Source: RFC 1035 section 3.1, RFC 4343.

#include <array>
#include <string_view>

#include "wire/record.h"

namespace phantom::wire {

class DnsName {
  public:
    // RFC 1035 section 2.3.4, with the lengths and the root.
    static constexpr std::size_t kSizeMax = 255;
    static constexpr std::size_t kLabelSizeMax = 63;

    // The root.
    DnsName() = default;
    // "amber.mesh"; no escapes, no dot at the end. kBadDnsName.
    [[nodiscard]] static Result<DnsName> parse(std::string_view text);
    // Without compression: in a question there is nothing yet to point to. Rejects the reader's
    // record where there is none.
    [[nodiscard]] static DnsName read(RecordReader& reader);
    // Steps over a name that may end in a pointer, without following it.
    static void skip(RecordReader& reader);

    [[nodiscard]] ByteView bytes() const { return ByteView(bytes_).first(size_); }
    [[nodiscard]] std::size_t label_count() const { return label_count_; }
    // Index 0 is the leftmost.
    [[nodiscard]] std::string_view label(std::size_t index) const;
    // At `zone` or below it.
    [[nodiscard]] bool is_within(const DnsName& zone) const;
    // The last `count` labels.
    [[nodiscard]] DnsName suffix(std::size_t count) const;

    friend bool operator==(const DnsName& a, const DnsName& b) {
        return a.label_count_ == b.label_count_ && a.is_within(b);
    }

  private:
    [[nodiscard]] bool append(std::string_view label);

    std::array<std::uint8_t, kSizeMax> bytes_{};
    std::size_t size_ = 1;
    std::size_t label_count_ = 0;
};

// ASCII letters only, RFC 4343 section 3.
[[nodiscard]] bool same_label(std::string_view a, std::string_view b);

}  // namespace phantom::wire
