#pragma once

// Reads a message from its begin to its end. What is not there is zero or empty, and said so once:
// a parser asks at the end, or where it branches.

#include <algorithm>
#include <string_view>

#include "base/bytes.h"

namespace phantom::detect {

class ByteReader {
  public:
    explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

    [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }
    [[nodiscard]] std::size_t position() const { return at_; }
    [[nodiscard]] bool has_failed() const { return failed_; }

    ByteView bytes(std::size_t size) {
        if (size > left()) {
            failed_ = true;
            at_ = bytes_.size();
            return {};
        }
        at_ += size;
        return bytes_.subspan(at_ - size, size);
    }
    ByteView rest() { return bytes(left()); }
    std::uint8_t u8() {
        const ByteView read = bytes(1);
        return read.empty() ? std::uint8_t{0} : read[0];
    }
    std::uint16_t u16() {
        const ByteView read = bytes(2);
        return read.empty() ? std::uint16_t{0} : load_be<std::uint16_t>(read.data());
    }
    std::uint32_t u24() {
        const std::uint32_t high = u8();
        return high << 16U | u16();
    }
    std::uint32_t u32() {
        const ByteView read = bytes(4);
        return read.empty() ? 0U : load_be<std::uint32_t>(read.data());
    }
    // What follows a length of one, two or three bytes.
    ByteReader inner8() { return ByteReader(bytes(u8())); }
    ByteReader inner16() { return ByteReader(bytes(u16())); }
    ByteReader inner24() { return ByteReader(bytes(u24())); }

  private:
    ByteView bytes_;
    std::size_t at_ = 0;
    bool failed_ = false;
};

[[nodiscard]] inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace phantom::detect
