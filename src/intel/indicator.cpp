#include "intel/indicator.h"

#include <charconv>

#include <fmt/format.h>

namespace phantom::intel {

namespace {

constexpr std::size_t kShownMax = 60;
constexpr std::size_t kCveYearDigits = 4;
constexpr std::size_t kCveNumberDigitsMin = 4;
constexpr std::size_t kCveNumberDigitsMax = 9;

std::optional<std::uint32_t> digits_only(std::string_view text) {
    std::uint32_t number = 0;
    const char* const end = text.end();
    const auto [stop, error] = std::from_chars(text.begin(), end, number);
    return error == std::errc{} && stop == end ? std::optional(number) : std::nullopt;
}

}  // namespace

const char* name_of(TextKind kind) {
    switch (kind) {
        case TextKind::kDomain:
            return "domain";
        case TextKind::kUrl:
            return "url";
        case TextKind::kHash:
            return "hash";
    }
    return "";
}

std::optional<Cve> Cve::parse(std::string_view text) {
    if (text.starts_with("CVE-") || text.starts_with("CVE_") || text.starts_with("cve-")) {
        text.remove_prefix(4);
    }
    if (text.size() < kCveYearDigits + 1 + kCveNumberDigitsMin ||
        text.size() > kCveYearDigits + 1 + kCveNumberDigitsMax ||
        (text[kCveYearDigits] != '-' && text[kCveYearDigits] != '_')) {
        return std::nullopt;
    }
    const auto year = digits_only(text.substr(0, kCveYearDigits));
    const auto number = digits_only(text.substr(kCveYearDigits + 1));
    return year && number ? std::optional(Cve{*year, *number}) : std::nullopt;
}

std::string Cve::to_string() const {
    return fmt::format("CVE-{:04}-{:04}", year, number);
}

std::string Fault::to_string() const {
    return place.empty() ? reason : place + ": " + reason;
}

void FeedContent::refuse(std::string place, std::string reason) {
    ++refused;
    if (refusals.size() < kRefusalsKept) {
        refusals.push_back({std::move(place), std::move(reason)});
    }
}

std::string shown(std::string_view text) {
    std::string out;
    for (const char each : text.substr(0, kShownMax)) {
        out += each >= ' ' && each <= '~' ? each : '?';
    }
    return text.size() > kShownMax ? out + "..." : out;
}

}  // namespace phantom::intel
