#pragma once

// Who owns which local index: handshakes that wait for a response, and sessions. Random indices
// that steer to a shard and whose slot in the (equally large) SessionTable is free.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/random.h"

namespace phantom::wireguard {

struct Peer;

class IndexTable {
  public:
    static constexpr std::size_t kSlotCountMin = 256;
    // Low enough that nearly every first draw finds a free slot.
    static constexpr std::size_t kSlotsPerIndexMin = 4;
    static constexpr unsigned kDrawCountMax = 64;

    explicit IndexTable(std::uint32_t shard_count);

    // None: too full for this shard; grow() and try again.
    [[nodiscard]] std::optional<std::uint32_t> reserve(
        Peer& owner, std::uint32_t shard, Random& random
    );
    void release(std::uint32_t index);
    // Null: nobody.
    [[nodiscard]] Peer* find(std::uint32_t index) const;

    // Doubles the slots. Indices that shared no slot before share none after.
    void grow();
    [[nodiscard]] std::size_t slot_count() const { return slots_.size(); }

  private:
    struct Slot {
        Peer* owner = nullptr;
        std::uint32_t index = 0;
    };

    [[nodiscard]] std::uint32_t draw(std::uint32_t shard, Random& random) const;
    [[nodiscard]] Slot& slot_of(std::uint32_t index) { return slots_[index & (slots_.size() - 1)]; }

    std::uint32_t shard_count_;
    std::size_t used_ = 0;
    std::vector<Slot> slots_;
};

}  // namespace phantom::wireguard
