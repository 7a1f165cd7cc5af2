#pragma once

// RFC 1071 Internet checksum, kept as an unfolded sum of big-endian 16-bit words so that parts add.

#include <cstdint>

#include "base/bytes.h"
#include "wire/address.h"

namespace phantom::wire {

// Sum of `data` as 16-bit words in *native* order (the sum is byte-order independent up to a final
// swap, RFC 1071 section 2B); an odd last byte is padded with zero.
[[nodiscard]] std::uint64_t checksum_add(ByteView data, std::uint64_t sum = 0);

// Folds to 16 bits, native order: store it with a plain 16-bit store.
[[nodiscard]] std::uint16_t checksum_fold(std::uint64_t sum);

// Sum of the TCP or UDP pseudo header. `addresses` is the source and destination as they stand in
// the IP header, side by side (8 or 32 bytes).
[[nodiscard]] std::uint64_t pseudo_header_sum(
    ByteView addresses, std::uint8_t protocol, std::size_t transport_size
);

}  // namespace phantom::wire
