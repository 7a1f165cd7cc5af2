#pragma once

// For tests and measurements only: packets between small numbers.

#include <cstdint>

#include "ml/packet_facts.h"

namespace phantom::ml::test {

struct End {
    std::uint8_t host = 0;
    std::uint16_t port = 0;
};

// 10.0.0.HOST.
inline wire::Address host(std::uint8_t number) {
    const std::array<std::uint8_t, 4> bytes{10, 0, 0, number};
    return wire::Address::v4(bytes.data());
}

inline PacketFacts tcp(
    std::int64_t time_us, End from, End to, std::uint8_t flags, std::uint32_t payload = 0,
    std::uint32_t sequence = 0
) {
    PacketFacts facts;
    facts.time_us = time_us;
    facts.source = host(from.host);
    facts.destination = host(to.host);
    facts.source_port = from.port;
    facts.destination_port = to.port;
    facts.protocol = 6;
    facts.ttl = 64;
    facts.size = 40 + payload;
    facts.payload = payload;
    facts.flags = flags;
    facts.window = 1000;
    facts.sequence = sequence;
    return facts;
}

inline PacketFacts udp(std::int64_t time_us, End from, End to, std::uint32_t payload) {
    PacketFacts facts = tcp(time_us, from, to, 0, payload);
    facts.protocol = 17;
    facts.size = 28 + payload;
    facts.window = 0;
    return facts;
}

}  // namespace phantom::ml::test
