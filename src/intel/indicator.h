#pragma once

// What a feed says, as it was read: networks, texts, vulnerabilities, and what of it was not taken.

#include <compare>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/address.h"

namespace phantom::intel {

// Of what was not taken so many are kept with place and reason; all are counted.
inline constexpr std::size_t kRefusalsKept = 100;
// Of one feed, unless its description says less or more, and at most.
inline constexpr std::size_t kRowsDefault = 1'000'000;
inline constexpr std::size_t kRowsMax = 4'000'000;
// A feed's file.
inline constexpr std::size_t kFeedSizeMax = 64U << 20U;

// What a feed says of one entry. Times are seconds since 1970.
struct Detail {
    std::uint8_t lists = 1;         // how many lists name it, where the feed is made of several
    std::uint8_t confidence = 100;  // of 100, beside the feed's own
    std::uint32_t since_s = 0;      // 0: since the feed was published
    std::uint32_t until_s = 0;      // 0: no end
    friend bool operator==(const Detail&, const Detail&) = default;
};

struct NetworkEntry {
    wire::Prefix network;
    Detail detail;
};

enum class TextKind : std::uint8_t { kDomain, kUrl, kHash };
[[nodiscard]] const char* name_of(TextKind kind);

struct TextEntry {
    TextKind kind = TextKind::kDomain;
    std::string text;  // in lower case, but for a URL's path
    Detail detail;
};

// CVE-2021-44228.
struct Cve {
    std::uint32_t year = 0;
    std::uint32_t number = 0;
    // Also as rules write it: "2021-44228", "CVE_2021_44228".
    [[nodiscard]] static std::optional<Cve> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;
    friend constexpr auto operator<=>(Cve, Cve) = default;
};

// Where, in a file: "line 12", "objects[3].pattern"; empty: all of it. And why.
struct Fault {
    std::string place;
    std::string reason;
    [[nodiscard]] std::string to_string() const;
};
template <class T>
using OrFault = std::expected<T, Fault>;

struct FeedContent {
    std::vector<NetworkEntry> networks;
    std::vector<TextEntry> texts;
    std::vector<Cve> exploited;
    std::size_t rows = 0;       // that were met, taken or not
    std::size_t refused = 0;    // not understood, or nothing that may be listed
    std::size_t malformed = 0;  // of these: not understood
    std::size_t outdated = 0;   // expired, revoked, or not valid yet
    std::vector<Fault> refusals;

    [[nodiscard]] std::size_t size() const {
        return networks.size() + texts.size() + exploited.size();
    }
    void refuse(std::string place, std::string reason);
};

// As it can be shown: one line of ASCII, not long.
[[nodiscard]] std::string shown(std::string_view text);

}  // namespace phantom::intel
