#pragma once

// The binary form of what is signed, stored or gossiped: fields one after the other, numbers big
// endian, lengths in front. A value has one encoding, so encoding what was decoded gives the same
// bytes; which lengths and orders are allowed is for the caller to check.
//
// Neither side allocates. Both remember their first failure, so that callers write or read straight
// down and ask once, at the end.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "wire/errors.h"

namespace phantom::wire {

// The longest field with a length in front.
inline constexpr std::size_t kSizedFieldMax = 0xffff;

class RecordWriter {
  public:
    // `out` is borrowed, and its size is the record's maximum.
    explicit RecordWriter(MutableBytes out) : out_(out) {}

    void u8(std::uint8_t value) { number(value); }
    void u16(std::uint16_t value) { number(value); }
    void u32(std::uint32_t value) { number(value); }
    void u64(std::uint64_t value) { number(value); }
    // As they are: the reader knows how many.
    void bytes(ByteView value);
    // With a u16 in front; at most kSizedFieldMax bytes.
    void sized_bytes(ByteView value);
    void text(std::string_view value);

    // False once something did not fit; what was written before it stays.
    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] ByteView written() const { return out_.first(size_); }
    // The record, or kTooLong.
    [[nodiscard]] Result<ByteView> finish() const;

  private:
    template <class T>
    void number(T value) {
        if (const MutableBytes place = take(sizeof value); !place.empty()) {
            store_be(place.data(), value);
        }
    }
    // Empty when there is no room.
    [[nodiscard]] MutableBytes take(std::size_t size);

    MutableBytes out_;
    std::size_t size_ = 0;
    bool ok_ = true;
};

// Views into what it reads: they live as long as that. A read past the end gives zero or nothing,
// and so does every read after it.
class RecordReader {
  public:
    explicit RecordReader(ByteView record) : rest_(record) {}

    [[nodiscard]] std::uint8_t u8() { return number<std::uint8_t>(); }
    [[nodiscard]] std::uint16_t u16() { return number<std::uint16_t>(); }
    [[nodiscard]] std::uint32_t u32() { return number<std::uint32_t>(); }
    [[nodiscard]] std::uint64_t u64() { return number<std::uint64_t>(); }
    [[nodiscard]] ByteView bytes(std::size_t size);
    template <std::size_t Size>
    [[nodiscard]] std::array<std::uint8_t, Size> array() {
        std::array<std::uint8_t, Size> value{};
        std::ranges::copy(bytes(Size), value.begin());
        return value;
    }
    // A length above `size_max` is a failure like one above what is left.
    [[nodiscard]] ByteView sized_bytes(std::size_t size_max = kSizedFieldMax);
    [[nodiscard]] std::string_view text(std::size_t size_max = kSizedFieldMax);

    // For a caller that finds a field's value impossible.
    void reject();
    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] std::size_t size_left() const { return rest_.size(); }
    // kBadRecord after a failure, kTrailingBytes where something is left.
    [[nodiscard]] Status finish() const;

  private:
    template <class T>
    [[nodiscard]] T number() {
        const ByteView from = bytes(sizeof(T));
        return from.empty() ? T{0} : load_be<T>(from.data());
    }

    ByteView rest_;
    bool ok_ = true;
};

}  // namespace phantom::wire
