#pragma once

// One UAPI connection's bytes, cut into operations (uapi.h).
//
//     UapiFramer framer(now);
//     framer.feed(bytes_read, now);
//     while (const auto operation = PM_TRY(framer.next())) {
//         if (operation->kind == UapiOperation::Kind::kSet) {
//             const auto update = parse_set(operation->text);
//         }
//     }
//
// Owner and thread: the control thread. Limits: an operation has kUapiOperationSizeMax bytes at
// most; how many connections there are, and for how long, is their owner's to keep.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "wireguard/uapi.h"

namespace phantom::wireguard {

inline constexpr std::size_t kUapiConnectionCountMax = 64;
// A connection that has said nothing for so long may be closed.
inline constexpr Duration kUapiIdleTimeMax = std::chrono::minutes(5);

struct UapiOperation {
    enum class Kind : std::uint8_t { kGet, kSet };
    Kind kind = Kind::kGet;
    std::string_view text;  // with its blank line; valid until the framer is used again
};

// Cuts the bytes of one connection into operations. Several may follow one another.
class UapiFramer final {
  public:
    explicit UapiFramer(Instant now) : last_fed_(now) {}

    // Drain next() before feeding again: at most one unfinished operation is kept.
    void feed(std::string_view bytes, Instant now);

    // nullopt: more bytes are needed. After an error the connection has lost its framing: write
    // format_framing_error() and close.
    [[nodiscard]] Result<std::optional<UapiOperation>> next();

    [[nodiscard]] bool is_expired(Instant now) const;
    [[nodiscard]] std::size_t buffered_bytes() const { return buffer_.size() - start_; }

  private:
    [[nodiscard]] std::optional<std::string_view> take_line();
    [[nodiscard]] Status begin_operation(std::string_view line);
    void release_consumed();

    SecretText buffer_;
    std::size_t start_ = 0;       // of the operation being collected
    std::size_t line_start_ = 0;  // of the line being collected
    std::size_t scanned_ = 0;     // no line ends between line_start_ and here
    std::uint32_t line_number_ = 0;
    UapiOperation::Kind kind_ = UapiOperation::Kind::kGet;
    Instant last_fed_;
};

// Empty for an unknown operation: like wireguard-go, the connection is closed without a word.
[[nodiscard]] std::string format_framing_error(const Error& error);

}  // namespace phantom::wireguard
