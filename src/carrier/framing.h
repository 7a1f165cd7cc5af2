#pragma once

// Datagrams in a stream: each with its size in front, two bytes, big endian. Only WireGuard messages
// are datagrams here; a stream that has anything else in it is at its end.

#include <array>
#include <cstddef>
#include <functional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "carrier/errors.h"

namespace phantom::carrier {

inline constexpr std::size_t kFrameHeaderSize = 2;
// A packet of the mesh's MTU, 1,280, inside a relay's session, and room for other MTUs.
inline constexpr std::size_t kCarriedSizeMax = 2'048;
inline constexpr std::size_t kFrameSizeMax = kFrameHeaderSize + kCarriedSizeMax;

// What comes out of the stream, in pieces as TCP cuts them.
class FrameReader {
  public:
    // The view is valid in the call only.
    using Take = std::function<void(ByteView datagram)>;

    // Calls `take` for each datagram that is whole now. After an error the stream is of no use.
    // kFrameSize, kNotWireguard.
    [[nodiscard]] Status read(ByteView bytes, const Take& take);

  private:
    // The beginning of a frame whose rest has not come yet.
    std::array<std::uint8_t, kFrameSizeMax> begun_;
    std::size_t begun_size_ = 0;
};

// What goes into the stream and has not found room there. Bounded: what does not fit is dropped, as
// a full queue of a router would, rather than be late.
class FrameQueue {
  public:
    static constexpr std::size_t kBytesMax = 128U << 10U;

    // False: no room, or no datagram of this size is carried.
    [[nodiscard]] bool add(ByteView datagram);
    // The oldest bytes; empty: nothing waits.
    [[nodiscard]] ByteView front() const { return ByteView(bytes_).subspan(begin_); }
    // So many of them are in the stream.
    void pop(std::size_t count);

  private:
    std::vector<std::uint8_t> bytes_;
    std::size_t begin_ = 0;
};

}  // namespace phantom::carrier
