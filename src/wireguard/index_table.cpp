#include "wireguard/index_table.h"

#include "base/assert.h"

namespace phantom::wireguard {

IndexTable::IndexTable(std::uint32_t shard_count)
    : shard_count_(shard_count), slots_(kSlotCountMin) {
    PM_ASSERT(shard_count > 0);
}

std::optional<std::uint32_t> IndexTable::reserve(Peer& owner, std::uint32_t shard, Random& random) {
    PM_ASSERT(shard < shard_count_);
    if ((used_ + 1) * kSlotsPerIndexMin > slots_.size()) {
        return std::nullopt;
    }
    // The table may be roomy and yet full for one shard, when its peers are many of all.
    for (unsigned attempt = 0; attempt < kDrawCountMax; ++attempt) {
        const std::uint32_t index = draw(shard, random);
        Slot& slot = slot_of(index);
        if (slot.owner == nullptr) {
            slot = {&owner, index};
            ++used_;
            return index;
        }
    }
    return std::nullopt;
}

void IndexTable::release(std::uint32_t index) {
    Slot& slot = slot_of(index);
    PM_ASSERT(slot.owner != nullptr);
    PM_ASSERT(slot.index == index);
    slot = {};
    --used_;
}

Peer* IndexTable::find(std::uint32_t index) const {
    const Slot& slot = slots_[index & (slots_.size() - 1)];
    return slot.index == index ? slot.owner : nullptr;
}

void IndexTable::grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
        if (slot.owner != nullptr) {
            slot_of(slot.index) = slot;
        }
    }
}

// Uniform over the indices of the shard; those of the last, incomplete group are never drawn.
std::uint32_t IndexTable::draw(std::uint32_t shard, Random& random) const {
    const std::uint64_t groups = (std::uint64_t{1} << 32U) / shard_count_;
    return static_cast<std::uint32_t>(random.below(groups) * shard_count_ + shard);
}

}  // namespace phantom::wireguard
