#include "wireguard/forwarding.h"

#include <bit>

#include "base/assert.h"
#include "base/bytes.h"

namespace phantom::wireguard {

namespace {

std::uint32_t bits_v4(const wire::Address& address) {
    return load_be<std::uint32_t>(address.bytes.data());
}

Uint128 bits_v6(const wire::Address& address) {
    const auto high = load_be<std::uint64_t>(address.bytes.data());
    const auto low = load_be<std::uint64_t>(address.bytes.data() + 8);
    return (Uint128{high} << 64U) | low;
}

}  // namespace

AllowedIps::AllowedIps(const std::vector<Entry>& entries) {
    std::size_t v4_count = 0;
    for (const Entry& entry : entries) {
        v4_count += entry.prefix.address.family == wire::Family::kV4 ? 1 : 0;
    }
    v4_.reserve(v4_count);
    v6_.reserve(entries.size() - v4_count);
    for (const Entry& entry : entries) {
        PM_ASSERT(entry.path != nullptr);
        PM_ASSERT(!entry.prefix.address.is_none());
        if (entry.prefix.address.family == wire::Family::kV4) {
            v4_.insert(bits_v4(entry.prefix.address), entry.prefix.length, entry.path);
        } else {
            v6_.insert(bits_v6(entry.prefix.address), entry.prefix.length, entry.path);
        }
    }
}

PeerPath* AllowedIps::find(const wire::Address& address) const {
    switch (address.family) {
        case wire::Family::kV4:
            return v4_.find(bits_v4(address));
        case wire::Family::kV6:
            return v6_.find(bits_v6(address));
        case wire::Family::kNone:
            break;
    }
    return nullptr;
}

SessionTable::SessionTable(std::size_t slot_count)
    : slots_(slot_count), mask_(static_cast<std::uint32_t>(slot_count - 1)) {
    PM_ASSERT(std::has_single_bit(slot_count));
}

bool SessionTable::slot_free(std::uint32_t local_index) const {
    return slots_[local_index & mask_].load(std::memory_order_relaxed) == nullptr;
}

void SessionTable::insert(Session* session) {
    PM_ASSERT(slot_free(session->local_index()));
    slots_[session->local_index() & mask_].store(session, std::memory_order_release);
}

void SessionTable::erase(const Session* session) {
    std::atomic<Session*>& slot = slots_[session->local_index() & mask_];
    PM_ASSERT(slot.load(std::memory_order_relaxed) == session);
    slot.store(nullptr, std::memory_order_release);
}

}  // namespace phantom::wireguard
