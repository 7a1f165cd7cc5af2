#pragma once

// What a side must not forget: its keys, and the sequence numbers that keep old offers out.
// Kept as a record of fixed size that is a secret as a whole.

#include <optional>

#include "base/result.h"
#include "pq/errors.h"
#include "pq/types.h"

namespace phantom::pq {

// version 1 | flags 1 | 3 x (id 8 | key 32 | age in seconds 4) | 3 x sequence 8
inline constexpr std::size_t kSnapshotSize = 2 + 3 * 44 + 3 * 8;
using SnapshotRecord = crypto::Secret<kSnapshotSize>;

struct Snapshot {
    std::optional<Psk> pending;
    std::optional<Psk> current;
    std::optional<Psk> previous;
    bool seen_post_quantum = false;
    std::uint64_t next_sequence = 0;       // of our next offer
    std::uint64_t confirmed_sequence = 0;  // of the peer's last confirmed offer
    std::uint64_t pending_sequence = 0;    // of the offer that made `pending`
};

// Ages are kept, not moments: the clock of the next start is another one. Time spent switched off
// does not count.
[[nodiscard]] SnapshotRecord encode(const Snapshot& snapshot, Instant now);
[[nodiscard]] Result<Snapshot> decode_snapshot(const SnapshotRecord& record, Instant now);

}  // namespace phantom::pq
