#pragma once

// One message of one exchange, from its chunks in any order. Fixed size: one for each direction of a
// peer, so frames cannot make it grow.

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "pq/messages.h"

namespace phantom::pq {

class Reassembly {
  public:
    explicit Reassembly(const ExchangeId& exchange) : exchange_(exchange) {}

    [[nodiscard]] const ExchangeId& exchange() const { return exchange_; }

    // Whether the message is whole now. A chunk that comes again replaces the one before.
    bool add(const FrameView& frame) {
        PM_ASSERT(frame.exchange == exchange_);
        std::ranges::copy(frame.chunk, bytes_.begin() + frame.chunk_index * kChunkSizeMax);
        have_ = static_cast<std::uint8_t>(have_ | 1U << frame.chunk_index);
        return have_ == (1U << chunk_count(frame.type)) - 1U;
    }
    template <std::size_t Size>
    [[nodiscard]] std::span<const std::uint8_t, Size> message() const {
        static_assert(Size <= kMessageSizeMax);
        return std::span(bytes_).template first<Size>();
    }
    // A whole message was not authentic: some chunk was a forger's. All come again.
    void forget() { have_ = 0; }

  private:
    ExchangeId exchange_;
    std::uint8_t have_ = 0;
    std::array<std::uint8_t, kMessageSizeMax> bytes_{};
};

}  // namespace phantom::pq
