#include "metrics/trace.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/hex.h"

namespace phantom::metrics {

namespace {

constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kSpanAt = 36;
constexpr std::size_t kFlagsAt = 53;
constexpr std::size_t kSize = 55;
constexpr std::uint8_t kSampled = 1;

// Lower case only, as the field has them.
template <std::size_t Size>
bool read_hex(std::string_view text, std::array<std::uint8_t, Size>& out) {
    const auto value_of = [](char digit) {
        return digit >= '0' && digit <= '9'   ? digit - '0'
               : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                                              : -1;
    };
    for (std::size_t at = 0; at < Size; ++at) {
        const int high = value_of(text[2 * at]);
        const int low = value_of(text[2 * at + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[at] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return true;
}

}  // namespace

std::string TraceId::to_string() const {
    return hex_of(bytes);
}

std::string SpanId::to_string() const {
    return hex_of(bytes);
}

std::string TraceParent::to_string() const {
    return fmt::format("00-{}-{}-{:02x}", trace.to_string(), span.to_string(), is_sampled ? 1 : 0);
}

std::optional<TraceParent> TraceParent::parse(std::string_view text) {
    if (text.size() < kSize || text[2] != '-' || text[kSpanAt - 1] != '-' ||
        text[kFlagsAt - 1] != '-') {
        return std::nullopt;
    }
    TraceParent parent;
    std::array<std::uint8_t, 1> version{};
    std::array<std::uint8_t, 1> flags{};
    const bool is_hex = read_hex(text.substr(0, 2), version) &&
                        read_hex(text.substr(kTraceAt, 32), parent.trace.bytes) &&
                        read_hex(text.substr(kSpanAt, 16), parent.span.bytes) &&
                        read_hex(text.substr(kFlagsAt, 2), flags);
    // Version 00 ends here; a later one may go on behind another dash.
    const bool ends_well = text.size() == kSize || (version[0] != 0 && text[kSize] == '-');
    if (!is_hex || !ends_well || version[0] == UINT8_MAX || parent.trace.is_none() ||
        parent.span.is_none()) {
        return std::nullopt;
    }
    parent.is_sampled = (flags[0] & kSampled) != 0;
    return parent;
}

}  // namespace phantom::metrics
