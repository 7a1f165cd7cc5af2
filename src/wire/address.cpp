#include "wire/address.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include <arpa/inet.h>
#include <fmt/format.h>

namespace phantom::wire {

namespace {

template <class T>
std::optional<T> parse_number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

Address Address::v4(const std::uint8_t* bytes) {
    Address address;
    address.family = Family::kV4;
    std::memcpy(address.bytes.data(), bytes, 4);
    return address;
}

Address Address::v6(const std::uint8_t* bytes) {
    Address address;
    address.family = Family::kV6;
    std::memcpy(address.bytes.data(), bytes, 16);
    return address;
}

Result<Address> Address::parse(std::string_view text) {
    std::array<char, INET6_ADDRSTRLEN + 1> terminated{};
    if (text.size() >= terminated.size()) {
        return fail(WireError::kBadAddress);
    }
    std::ranges::copy(text, terminated.begin());
    std::array<std::uint8_t, 16> bytes{};
    if (inet_pton(AF_INET, terminated.data(), bytes.data()) == 1) {
        return v4(bytes.data());
    }
    if (inet_pton(AF_INET6, terminated.data(), bytes.data()) == 1) {
        return v6(bytes.data());
    }
    return fail(WireError::kBadAddress);
}

std::string Address::to_string() const {
    if (is_none()) {
        return "(none)";
    }
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(family == Family::kV4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
    return text.data();
}

Prefix Prefix::of(Address address, std::uint8_t length) {
    const auto bits = static_cast<std::uint8_t>(std::min<unsigned>(length, address.bit_count()));
    for (unsigned index = 0; index < address.bytes.size(); ++index) {
        const unsigned first_bit = index * 8;
        if (first_bit >= bits) {
            address.bytes[index] = 0;
        } else if (bits - first_bit < 8) {
            address.bytes[index] &= static_cast<std::uint8_t>(0xff00U >> (bits - first_bit));
        }
    }
    return {address, bits};
}

Result<Prefix> Prefix::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto address = Address::parse(text.substr(0, slash));
    if (!address) {
        return fail(WireError::kBadPrefix);
    }
    if (slash == std::string_view::npos) {
        return of(*address, static_cast<std::uint8_t>(address->bit_count()));
    }
    const auto length = parse_number<std::uint8_t>(text.substr(slash + 1));
    if (!length || *length > address->bit_count()) {
        return fail(WireError::kBadPrefix);
    }
    return of(*address, *length);
}

bool Prefix::contains(const Address& other) const {
    return other.family == address.family && of(other, length).address == address;
}

bool Prefix::overlaps(const Prefix& other) const {
    return contains(other.address) || other.contains(address);
}

std::string Prefix::to_string() const {
    return fmt::format("{}/{}", address.to_string(), length);
}

Result<SocketAddress> SocketAddress::parse(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return fail(WireError::kBadPort);
    }
    const auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
    if (!port) {
        return fail(WireError::kBadPort);
    }
    std::string_view host = text.substr(0, colon);
    SocketAddress parsed;
    parsed.port = *port;
    if (host.starts_with('[') != host.ends_with(']')) {
        return fail(WireError::kBadAddress);
    }
    const bool bracketed = host.starts_with('[');
    if (bracketed) {
        host = host.substr(1, host.size() - 2);
        if (const std::size_t percent = host.find('%'); percent != std::string_view::npos) {
            const auto scope = parse_number<std::uint32_t>(host.substr(percent + 1));
            if (!scope) {
                return fail(WireError::kBadAddress);
            }
            parsed.scope = *scope;
            host = host.substr(0, percent);
        }
    }
    parsed.address = PM_TRY(Address::parse(host));
    if (bracketed != (parsed.address.family == Family::kV6)) {
        return fail(WireError::kBadAddress);
    }
    return parsed;
}

std::string SocketAddress::to_string() const {
    if (address.family != Family::kV6) {
        return fmt::format("{}:{}", address.to_string(), port);
    }
    if (scope != 0) {
        return fmt::format("[{}%{}]:{}", address.to_string(), scope, port);
    }
    return fmt::format("[{}]:{}", address.to_string(), port);
}

}  // namespace phantom::wire
