#include "intel/value.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace phantom::intel {

namespace {

constexpr std::size_t kDomainSizeMax = 253;
constexpr std::size_t kDomainLabelSizeMax = 63;
constexpr std::size_t kUrlSizeMax = 2'048;
constexpr std::array<std::size_t, 4> kHashSizes{32, 40, 64, 128};  // MD5, SHA-1, SHA-256, SHA-512
constexpr unsigned kMappedBits = 96;

bool is_digit_char(char each) {
    return each >= '0' && each <= '9';
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](char each) {
        return each >= 'A' && each <= 'Z' ? static_cast<char>(each + ('a' - 'A')) : each;
    });
    return lower;
}

bool is_label_text(std::string_view label) {
    return !label.empty() && label.size() <= kDomainLabelSizeMax &&
           std::ranges::all_of(label, [](char each) {
               return (each >= 'a' && each <= 'z') || is_digit_char(each) || each == '-' ||
                      each == '_';
           });
}

bool is_mapped(const wire::Address& address) {
    const auto& bytes = address.bytes;
    return address.family == wire::Family::kV6 &&
           std::all_of(bytes.begin(), bytes.begin() + 10, [](auto each) { return each == 0; }) &&
           bytes[10] == 0xff && bytes[11] == 0xff;
}

}  // namespace

std::optional<wire::Prefix> network_of(std::string_view text) {
    const auto network = wire::Prefix::parse(text);
    if (!network) {
        return std::nullopt;
    }
    if (network->length >= kMappedBits && is_mapped(network->address)) {
        return wire::Prefix::of(
            wire::Address::v4(network->address.bytes.data() + 12),
            static_cast<std::uint8_t>(network->length - kMappedBits)
        );
    }
    return *network;
}

std::string take_network(
    const wire::Prefix& network, const Detail& detail, FeedKind kind, FeedContent& content
) {
    const bool is_v4 = network.address.family == wire::Family::kV4;
    const bool is_guard = kind == FeedKind::kGuard;
    const unsigned floor =
        is_guard ? (is_v4 ? kGuardFloorV4 : kGuardFloorV6) : (is_v4 ? kFloorV4 : kFloorV6);
    if (network.length < floor) {
        return fmt::format(
            "{} is more than a list may name: /{} is the least", network.to_string(), floor
        );
    }
    content.networks.push_back({network, detail});
    return {};
}

std::optional<std::string> domain_of(std::string_view text) {
    if (text.starts_with("*.")) {
        text.remove_prefix(2);
    }
    if (text.ends_with('.')) {
        text.remove_suffix(1);
    }
    if (text.size() > kDomainSizeMax) {
        return std::nullopt;
    }
    std::string domain = lower_case(text);
    std::size_t labels = 0;
    std::string_view rest = domain;
    std::string_view last;
    while (true) {
        const std::size_t dot = std::min(rest.find('.'), rest.size());
        last = rest.substr(0, dot);
        if (!is_label_text(last)) {
            return std::nullopt;
        }
        ++labels;
        if (dot == rest.size()) {
            break;
        }
        rest.remove_prefix(dot + 1);
    }
    // "1.2.3" is a cut address, and one label would be everybody's of a country.
    const bool is_domain = labels >= 2 && !std::ranges::all_of(last, is_digit_char);
    return is_domain ? std::optional(std::move(domain)) : std::nullopt;
}

std::optional<std::string> hash_of(std::string_view text) {
    if (std::ranges::find(kHashSizes, text.size()) == kHashSizes.end()) {
        return std::nullopt;
    }
    std::string hash = lower_case(text);
    const bool is_hash = std::ranges::all_of(hash, [](char each) {
        return is_digit_char(each) || (each >= 'a' && each <= 'f');
    });
    return is_hash ? std::optional(std::move(hash)) : std::nullopt;
}

std::optional<std::string> url_of(std::string_view text) {
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos || colon == 0 || text.size() > kUrlSizeMax ||
        !std::ranges::all_of(text, [](char each) { return each > ' ' && each <= '~'; })) {
        return std::nullopt;
    }
    const std::size_t host = colon + 3;
    const std::size_t path = std::min(text.find_first_of("/?#", host), text.size());
    if (path == host) {
        return std::nullopt;
    }
    return lower_case(text.substr(0, path)) + std::string(text.substr(path));
}

Taken try_value(
    std::string_view text, const Detail& detail, const ValueRules& rules, FeedContent& content,
    std::string& reason
) {
    if (const auto network = network_of(text)) {
        reason = take_network(*network, detail, rules.kind, content);
        return reason.empty() ? Taken::kYes : Taken::kForbidden;
    }
    if (rules.networks_only) {
        reason = fmt::format("'{}' is no address and no network", shown(text));
        return Taken::kUnknown;
    }
    if (auto hash = hash_of(text)) {
        content.texts.push_back({TextKind::kHash, std::move(*hash), detail});
    } else if (auto url = url_of(text)) {
        content.texts.push_back({TextKind::kUrl, std::move(*url), detail});
    } else if (auto domain = domain_of(text)) {
        content.texts.push_back({TextKind::kDomain, std::move(*domain), detail});
    } else {
        reason = fmt::format("'{}' is no address, network, domain, URL or hash", shown(text));
        return Taken::kUnknown;
    }
    return Taken::kYes;
}

}  // namespace phantom::intel
