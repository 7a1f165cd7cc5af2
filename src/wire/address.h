#pragma once

// IP addresses, prefixes and UDP endpoints as values; text form as inet_pton(3) reads it.

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "wire/errors.h"

namespace phantom::wire {

enum class Family : std::uint8_t { kNone = 0, kV4 = 4, kV6 = 6 };

// Bytes in network order; an IPv4 address uses the first 4, the rest are zero.
struct Address {
    std::array<std::uint8_t, 16> bytes{};
    Family family = Family::kNone;

    friend auto operator<=>(const Address&, const Address&) = default;

    [[nodiscard]] static Address v4(const std::uint8_t* bytes);
    [[nodiscard]] static Address v6(const std::uint8_t* bytes);
    [[nodiscard]] static Result<Address> parse(std::string_view text);

    [[nodiscard]] bool is_none() const { return family == Family::kNone; }
    [[nodiscard]] std::size_t size_bytes() const { return family == Family::kV4 ? 4 : 16; }
    [[nodiscard]] unsigned bit_count() const { return family == Family::kV4 ? 32 : 128; }
    [[nodiscard]] std::string to_string() const;
};

// Host bits beyond `length` are zero: a Prefix is always canonical.
struct Prefix {
    Address address;
    std::uint8_t length = 0;

    friend auto operator<=>(const Prefix&, const Prefix&) = default;

    [[nodiscard]] static Prefix of(Address address, std::uint8_t length);
    // "10.0.0.0/8", "fd00::/64"; without a length, a host prefix. Host bits are cleared.
    [[nodiscard]] static Result<Prefix> parse(std::string_view text);

    [[nodiscard]] bool contains(const Address& other) const;
    [[nodiscard]] bool overlaps(const Prefix& other) const;
    [[nodiscard]] std::string to_string() const;
};

// Where a datagram goes to or came from. `scope` is the interface index of a link-local address.
struct SocketAddress {
    Address address;
    std::uint16_t port = 0;
    std::uint32_t scope = 0;

    friend auto operator<=>(const SocketAddress&, const SocketAddress&) = default;

    // "192.0.2.1:51820", "[2001:db8::1]:51820", "[fe80::1%2]:51820" (scope as a number).
    [[nodiscard]] static Result<SocketAddress> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;
};

// A remote socket address and the local one to answer from (sticky source). An empty `source`
// leaves the choice to the routing table.
struct Endpoint {
    SocketAddress remote;
    Address source;
    std::uint32_t source_interface = 0;

    friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

}  // namespace phantom::wire
