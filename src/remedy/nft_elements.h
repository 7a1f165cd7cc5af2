#pragma once

// Elements of nftables sets and the rules that look at them, as netlink messages: what is sent, and what
// comes back. Bytes only; the socket is firewall.cpp's. The kernel's numbers:
// linux/netfilter/nf_tables.h.
//
// Single values only: a set of theirs has `flags timeout`, and none of prefixes.

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "wire/address.h"

namespace phantom::remedy {

// As the C library underneath wants them.
inline constexpr const char* kFirewallTable = "phantommesh";
inline constexpr const char* kBlockedV4 = "blocked_v4";
inline constexpr const char* kBlockedV6 = "blocked_v6";
inline constexpr const char* kQuarantine = "quarantine";

// Larger than any message that is built here.
inline constexpr std::size_t kNftMessageSizeMax = 1'024;
// Of one transaction.
inline constexpr std::size_t kNftChangesMax = 2;

// What stands in a set: an address, or a protocol's number.
struct NftKey {
    std::array<std::uint8_t, 16> bytes{};
    std::uint8_t size = 0;
    friend auto operator<=>(const NftKey&, const NftKey&) = default;

    [[nodiscard]] static NftKey of(const wire::Address& address);
    [[nodiscard]] static NftKey of(std::uint8_t number);
};
struct NftPlace {
    std::string set;
    NftKey key;
};

struct NftElement {
    NftKey key;
    std::optional<Duration> left = std::nullopt;  // none: for ever
    friend bool operator==(const NftElement&, const NftElement&) = default;
};

struct NftChange {
    NftPlace place;
    bool is_there = false;  // and is taken out first
    bool shall_be_there = false;
    std::optional<Duration> lasting = std::nullopt;  // at least a millisecond; none: for ever
};

// Numbered from `sequence` on; the answers to it bear its numbers, the last one `last`.
struct NftRequest {
    std::vector<std::uint8_t> bytes;
    std::uint32_t last = 0;
};
// One transaction of at most kNftChangesMax.
[[nodiscard]] NftRequest nft_change(const std::vector<NftChange>& changes, std::uint32_t sequence);
// One element; the answer is one message, or an error.
[[nodiscard]] NftRequest nft_question(const NftPlace& place, std::uint32_t sequence);
// All of a set.
[[nodiscard]] NftRequest nft_dump(const std::string& set, std::uint32_t sequence);
// The rules of our table.
[[nodiscard]] NftRequest nft_rules_dump(std::uint32_t sequence);

// Whether a message tells of a rule.
[[nodiscard]] bool is_nft_rule(ByteView message);
// The elements that one message tells of, none for a message of another kind. What is malformed is
// passed over: it comes from the kernel.
[[nodiscard]] std::vector<NftElement> nft_elements_in(ByteView message);

}  // namespace phantom::remedy
