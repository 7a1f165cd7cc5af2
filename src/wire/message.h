#pragma once

// WireGuard messages as they stand on the wire (WireGuard paper 5.4). A view is checked once, by
// `classify`; after that its fields can be read without another length check.

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "wire/errors.h"

namespace phantom::wire {

enum class MessageType : std::uint8_t {
    kInitiation = 1,
    kResponse = 2,
    kCookieReply = 3,
    kTransport = 4,
};

inline constexpr std::size_t kTagSize = 16;
inline constexpr std::size_t kMacSize = 16;

// Paper 5.4.2. All integers little endian.
struct [[gnu::packed]] Initiation {
    std::uint32_t type;
    std::uint32_t sender_index;
    std::array<std::uint8_t, 32> ephemeral;
    std::array<std::uint8_t, 32 + kTagSize> encrypted_static;
    std::array<std::uint8_t, 12 + kTagSize> encrypted_timestamp;
    std::array<std::uint8_t, kMacSize> mac1;
    std::array<std::uint8_t, kMacSize> mac2;
};
static_assert(sizeof(Initiation) == 148);

// Paper 5.4.3.
struct [[gnu::packed]] Response {
    std::uint32_t type;
    std::uint32_t sender_index;
    std::uint32_t receiver_index;
    std::array<std::uint8_t, 32> ephemeral;
    std::array<std::uint8_t, kTagSize> encrypted_nothing;
    std::array<std::uint8_t, kMacSize> mac1;
    std::array<std::uint8_t, kMacSize> mac2;
};
static_assert(sizeof(Response) == 92);

// Paper 5.4.7.
struct [[gnu::packed]] CookieReply {
    std::uint32_t type;
    std::uint32_t receiver_index;
    std::array<std::uint8_t, 24> nonce;
    std::array<std::uint8_t, 16 + kTagSize> encrypted_cookie;
};
static_assert(sizeof(CookieReply) == 64);

// Paper 5.4.6: followed by the ciphertext (a multiple of 16, or not when the MTU cut the padding)
// and its tag.
struct [[gnu::packed]] TransportHeader {
    std::uint32_t type;
    std::uint32_t receiver_index;
    std::uint64_t counter;
};
static_assert(sizeof(TransportHeader) == 16);

inline constexpr std::size_t kTransportOverhead = sizeof(TransportHeader) + kTagSize;
inline constexpr std::size_t kTransportSizeMin = kTransportOverhead;
// The largest fixed-size message; a handshake slot holds any of types 1-3.
inline constexpr std::size_t kHandshakeSizeMax = sizeof(Initiation);

// The type of a datagram whose length fits it: exact for types 1-3, at least 32 for type 4, the
// three reserved bytes zero.
[[nodiscard]] Result<MessageType> classify(ByteView datagram);

}  // namespace phantom::wire
