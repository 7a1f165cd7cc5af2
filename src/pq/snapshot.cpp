#include "pq/snapshot.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "base/bytes.h"

namespace phantom::pq {

namespace {

constexpr std::uint8_t kSnapshotVersion = 1;
constexpr std::uint8_t kSeenFlag = 1U << 3U;
constexpr std::uint8_t kFlagsMax = 0x0f;
constexpr std::size_t kSlotSize = 44;

std::uint32_t age_s(Instant since, Instant now) {
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - since).count();
    constexpr std::int64_t kAgeMax = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(age, 0, kAgeMax));
}

void put(std::uint8_t* to, const Psk& psk, Instant now) {
    std::ranges::copy(psk.id, to);
    std::ranges::copy(psk.key.view(), to + 8);
    store_le(to + 40, age_s(psk.since, now));
}

Psk take(const std::uint8_t* from, Instant now) {
    Psk psk;
    std::copy_n(from, psk.id.size(), psk.id.begin());
    std::copy_n(from + 8, 32, psk.key.bytes().begin());
    const Instant since = now - std::chrono::seconds(load_le<std::uint32_t>(from + 40));
    psk.since = std::max(since, Instant{1});  // zero would mean never
    return psk;
}

}  // namespace

SnapshotRecord encode(const Snapshot& snapshot, Instant now) {
    SnapshotRecord record;
    std::uint8_t* at = record.bytes().data();
    at[0] = kSnapshotVersion;
    at[1] = snapshot.seen_post_quantum ? kSeenFlag : 0;
    std::uint8_t* slot = at + 2;
    unsigned bit = 0;
    for (const auto* const psk : {&snapshot.pending, &snapshot.current, &snapshot.previous}) {
        if (psk->has_value()) {
            at[1] = static_cast<std::uint8_t>(at[1] | 1U << bit);
            put(slot, **psk, now);
        }
        slot += kSlotSize;
        ++bit;
    }
    store_le(slot, snapshot.next_sequence);
    store_le(slot + 8, snapshot.confirmed_sequence);
    store_le(slot + 16, snapshot.pending_sequence);
    return record;
}

Result<Snapshot> decode_snapshot(const SnapshotRecord& record, Instant now) {
    const std::uint8_t* const at = record.view().data();
    if (at[0] != kSnapshotVersion || at[1] > kFlagsMax) {
        return fail(PqError::kBadSnapshot, at[0]);
    }
    Snapshot snapshot;
    snapshot.seen_post_quantum = (at[1] & kSeenFlag) != 0;
    const std::uint8_t* slot = at + 2;
    unsigned bit = 0;
    for (auto* const psk : {&snapshot.pending, &snapshot.current, &snapshot.previous}) {
        if ((at[1] & 1U << bit) != 0) {
            psk->emplace(take(slot, now));
            if ((*psk)->is_bootstrap()) {
                return fail(PqError::kBadSnapshot, bit);
            }
        }
        slot += kSlotSize;
        ++bit;
    }
    snapshot.next_sequence = load_le<std::uint64_t>(slot);
    snapshot.confirmed_sequence = load_le<std::uint64_t>(slot + 8);
    snapshot.pending_sequence = load_le<std::uint64_t>(slot + 16);
    return snapshot;
}

}  // namespace phantom::pq
