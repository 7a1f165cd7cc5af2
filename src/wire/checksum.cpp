#include "wire/checksum.h"

namespace phantom::wire {

std::uint64_t checksum_add(ByteView data, std::uint64_t sum) {
    const std::uint8_t* at = data.data();
    std::size_t left = data.size();
    // 32-bit words into a 64-bit sum: 2^32 of them fit before it could overflow.
    for (; left >= 32; left -= 32, at += 32) {
        for (std::size_t word = 0; word < 32; word += 4) {
            sum += load_le<std::uint32_t>(at + word);
        }
    }
    for (; left >= 4; left -= 4, at += 4) {
        sum += load_le<std::uint32_t>(at);
    }
    if (left >= 2) {
        sum += load_le<std::uint16_t>(at);
        at += 2;
        left -= 2;
    }
    if (left == 1) {
        sum += *at;
    }
    return sum;
}

std::uint16_t checksum_fold(std::uint64_t sum) {
    sum = (sum & 0xffffffffU) + (sum >> 32U);
    sum = (sum & 0xffffffffU) + (sum >> 32U);
    sum = (sum & 0xffffU) + (sum >> 16U);
    sum = (sum & 0xffffU) + (sum >> 16U);
    sum = (sum & 0xffffU) + (sum >> 16U);
    return static_cast<std::uint16_t>(sum);
}

std::uint64_t pseudo_header_sum(
    ByteView addresses, std::uint8_t protocol, std::size_t transport_size
) {
    std::uint8_t tail[8] = {};
    store_be<std::uint32_t>(tail, static_cast<std::uint32_t>(transport_size));
    tail[7] = protocol;
    return checksum_add(tail, checksum_add(addresses));
}

}  // namespace phantom::wire
