#include "names/zone.h"

#include <charconv>

#include <fmt/format.h>

#include "base/assert.h"

namespace phantom::names {

namespace {

constexpr std::size_t kV4Labels = 4;
constexpr std::size_t kV6Labels = 32;

wire::DnsName name_of(std::string_view text) {
    const auto name = wire::DnsName::parse(text);
    PM_ASSERT(name.has_value());
    return *name;
}

const wire::DnsName& v4_zone() {
    static const wire::DnsName zone = name_of("in-addr.arpa");
    return zone;
}
const wire::DnsName& v6_zone() {
    static const wire::DnsName zone = name_of("ip6.arpa");
    return zone;
}

// All of `text`, in its one form.
std::optional<unsigned> number_of(std::string_view text, int base) {
    unsigned number = 0;
    const auto [at, error] = std::from_chars(text.begin(), text.end(), number, base);
    const bool padded = text.size() > 1 && text.front() == '0';
    return error == std::errc() && at == text.end() && !padded ? std::optional(number)
                                                               : std::nullopt;
}

std::optional<wire::Address> v4_of(const wire::DnsName& name) {
    std::array<std::uint8_t, kV4Labels> bytes{};
    for (std::size_t index = 0; index < kV4Labels; ++index) {
        const auto byte = number_of(name.label(kV4Labels - 1 - index), 10);
        if (!byte || *byte > 0xff) {
            return std::nullopt;
        }
        bytes[index] = static_cast<std::uint8_t>(*byte);
    }
    return wire::Address::v4(bytes.data());
}

std::optional<wire::Address> v6_of(const wire::DnsName& name) {
    std::array<std::uint8_t, kV6Labels / 2> bytes{};
    for (std::size_t index = 0; index < kV6Labels; ++index) {
        const auto nibble = number_of(name.label(kV6Labels - 1 - index), 16);
        if (!nibble || *nibble > 0xf) {
            return std::nullopt;
        }
        bytes[index / 2] =
            static_cast<std::uint8_t>(std::uint32_t{bytes[index / 2]} << 4U | *nibble);
    }
    return wire::Address::v6(bytes.data());
}

}  // namespace

const wire::DnsName& mesh_zone() {
    static const wire::DnsName zone = name_of("mesh");
    return zone;
}

std::optional<std::string> member_name(const wire::DnsName& name) {
    if (name.label_count() != 2 || !name.is_within(mesh_zone())) {
        return std::nullopt;
    }
    std::string text(name.label(0));
    for (char& each : text) {
        each = each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
    }
    return text;
}

wire::DnsName name_of_member(std::string_view member) {
    return name_of(fmt::format("{}.mesh", member));
}

std::optional<wire::Address> address_of_reverse(const wire::DnsName& name) {
    if (name.label_count() == kV4Labels + 2 && name.is_within(v4_zone())) {
        return v4_of(name);
    }
    if (name.label_count() == kV6Labels + 2 && name.is_within(v6_zone())) {
        return v6_of(name);
    }
    return std::nullopt;
}

wire::DnsName reverse_of(const wire::Address& address) {
    std::string text;
    for (std::size_t index = address.size_bytes(); index-- != 0;) {
        const unsigned byte = address.bytes[index];
        text += address.family == wire::Family::kV4
                    ? fmt::format("{}.", byte)
                    : fmt::format("{:x}.{:x}.", byte & 0xfU, byte >> 4U);
    }
    return name_of(text + (address.family == wire::Family::kV4 ? "in-addr.arpa" : "ip6.arpa"));
}

}  // namespace phantom::names
