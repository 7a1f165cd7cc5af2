#pragma once

// One entry of a list: what kind of thing it is, and whether it may be listed.

#include <string>
#include <string_view>

#include "intel/description.h"

namespace phantom::intel {

// Nothing shorter: who could list half of all addresses could cut off everybody.
inline constexpr unsigned kFloorV4 = 8;
inline constexpr unsigned kFloorV6 = 16;
// Of guard lists, which have multicast and private ranges.
inline constexpr unsigned kGuardFloorV4 = 4;
inline constexpr unsigned kGuardFloorV6 = 7;

// Which values a reader takes.
struct ValueRules {
    FeedKind kind = FeedKind::kBlock;
    bool networks_only = false;
};

// Takes an address, a network ("192.0.2.0/24"), a domain, a URL or a file's hash into `content`; what it cannot
// take is refused there with `place`, and counted as malformed where it is none of these.
template <class Place>
void take_value(
    std::string_view text, const Detail& detail, const ValueRules& rules, FeedContent& content,
    Place place
);

// Each says why not; empty: taken.
[[nodiscard]] std::string take_network(
    const wire::Prefix& network, const Detail& detail, FeedKind kind, FeedContent& content
);
// None: it is no address and no network. An IPv4 address in IPv6's clothes (::ffff:192.0.2.1) is IPv4.
[[nodiscard]] std::optional<wire::Prefix> network_of(std::string_view text);
// In lower case, without "*." before it and "." behind; at least two labels. None: it is no domain.
[[nodiscard]] std::optional<std::string> domain_of(std::string_view text);
// Lower case: MD5, SHA-1, SHA-256, SHA-512 in hexadecimal digits.
[[nodiscard]] std::optional<std::string> hash_of(std::string_view text);
// Its scheme and host in lower case.
[[nodiscard]] std::optional<std::string> url_of(std::string_view text);

enum class Taken : std::uint8_t { kYes, kForbidden, kUnknown };
// `reason` says why not.
[[nodiscard]] Taken try_value(
    std::string_view text, const Detail& detail, const ValueRules& rules, FeedContent& content,
    std::string& reason
);

template <class Place>
void take_value(
    std::string_view text, const Detail& detail, const ValueRules& rules, FeedContent& content,
    Place place
) {
    std::string reason;
    const Taken taken = try_value(text, detail, rules, content, reason);
    if (taken != Taken::kYes) {
        content.malformed += taken == Taken::kUnknown ? 1 : 0;
        const bool is_kept = content.refusals.size() < kRefusalsKept;
        content.refuse(is_kept ? place() : std::string(), std::move(reason));
    }
}

}  // namespace phantom::intel
