#pragma once

// Compressed bytes made large again, with a bound on how large.

#include <memory>
#include <vector>

#include "base/bytes.h"

namespace phantom::detect {

enum class Compression : std::uint8_t { kGzip, kZlib, kRawDeflate };

// Takes the stream in parts. What comes out of a broken one up to the break counts.
class Inflater {
  public:
    explicit Inflater(Compression kind);
    ~Inflater();
    Inflater(Inflater&&) noexcept;
    Inflater& operator=(Inflater&&) noexcept;

    // Appends to `out`, until it has `size_max` bytes. False once nothing more can come.
    bool add(ByteView part, std::vector<std::uint8_t>& out, std::size_t size_max);
    [[nodiscard]] bool is_broken() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// All at once.
[[nodiscard]] std::vector<std::uint8_t> inflate_all(
    Compression kind, ByteView bytes, std::size_t size_max
);

}  // namespace phantom::detect
