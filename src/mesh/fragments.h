#pragma once

// Messages longer than one control frame: cut into fragments and put together again. A fragment
// names its message by a hash of the whole, so a message that is sent once more fills the gaps that
// loss left the first time, and no acknowledgement is needed.
//
//     offset  size  field
//     0       8     the first bytes of BLAKE2s of the whole message
//     8       1     index of this fragment
//     9       1     count of fragments, 1 to 17
//     10      ..    bytes; every fragment but the last is full

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "wire/control_frame.h"

namespace phantom::mesh {

inline constexpr std::size_t kFragmentHeaderSize = 10;
inline constexpr std::size_t kFragmentDataMax = wire::kControlPayloadSizeMax - kFragmentHeaderSize;
inline constexpr std::size_t kFragmentCountMax = 17;
inline constexpr std::size_t kMessageSizeMax = kFragmentCountMax * kFragmentDataMax;
// Messages of one peer that are not whole yet; the oldest gives way.
inline constexpr std::size_t kPartialMessagesMax = 4;

using Message = std::vector<std::uint8_t>;

// 1 to kMessageSizeMax bytes. Each result is the payload of one control frame.
[[nodiscard]] std::vector<Message> cut(ByteView message);

// One per peer: what one peer sends cannot push out what another does.
class Assembler {
  public:
    // A message that this fragment makes whole. Nothing is stored of a malformed fragment.
    [[nodiscard]] std::optional<Message> add(ByteView fragment, Instant now);

  private:
    using Name = std::array<std::uint8_t, 8>;
    struct Partial {
        Name name{};
        Instant begun;  // zero: free
        std::size_t fragment_count = 0;
        std::uint32_t present = 0;  // a bit for each fragment
        std::size_t size = 0;
        Message bytes;
    };
    [[nodiscard]] Partial& slot_for(const Name& name, std::size_t fragment_count, Instant now);

    std::array<Partial, kPartialMessagesMax> partials_;
};

}  // namespace phantom::mesh
