#pragma once

// One direction of a TCP connection, put in order. Bytes that came first stay; how much is kept,
// in order or out of it, is bounded.

#include <cstdint>
#include <map>
#include <vector>

#include "base/bytes.h"

namespace phantom::detect {

inline constexpr std::uint64_t kStreamDepthMax = 1'048'576;
inline constexpr std::size_t kStreamEarlyBytesMax = 262'144;
inline constexpr std::size_t kStreamEarlySegmentsMax = 512;

class StreamSide {
  public:
    // `sequence` is that of the first byte.
    void begin(std::uint32_t sequence);
    [[nodiscard]] bool has_begun() const { return has_begun_; }

    // Whether any of it was new and within the depth.
    bool add(std::uint32_t sequence, ByteView bytes);
    // The other side has said that it has everything before `sequence`.
    void acknowledge(std::uint32_t sequence);
    void close(std::uint32_t sequence);

    // Offsets are from the stream's begin.
    [[nodiscard]] std::uint64_t offset_of(std::uint32_t sequence) const;
    [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }
    [[nodiscard]] std::uint64_t in_order() const { return base_ + bytes_.size(); }
    [[nodiscard]] std::uint64_t highest() const { return highest_; }
    [[nodiscard]] bool is_closed_at(std::uint64_t offset) const {
        return has_end_ && offset >= end_;
    }
    [[nodiscard]] std::size_t held() const { return bytes_.size() + early_size_; }
    [[nodiscard]] bool had_gap() const { return had_gap_; }
    // Bytes [from, until), as far as they are kept.
    [[nodiscard]] ByteView view(std::uint64_t from, std::uint64_t until) const;
    // Goes over what is missing. The bytes left out.
    std::uint64_t skip_gap();
    [[nodiscard]] bool has_early() const { return !early_.empty(); }
    void forget_before(std::uint64_t offset);

    std::uint64_t parsed = 0;     // given to the parser
    std::uint64_t inspected = 0;  // given to rules as a stream

  private:
    void take_early();

    std::uint32_t first_ = 0;
    bool has_begun_ = false;
    std::uint64_t base_ = 0;
    std::vector<std::uint8_t> bytes_;
    std::map<std::uint64_t, std::vector<std::uint8_t>> early_;
    std::size_t early_size_ = 0;
    std::uint64_t acknowledged_ = 0;
    std::uint64_t highest_ = 0;
    std::uint64_t end_ = 0;
    bool has_end_ = false;
    bool had_gap_ = false;
};

}  // namespace phantom::detect
