#pragma once

// What the owner of this machine wants of routes, as it is kept in the state directory ("routes"): a
// line for each wish. "offer 192.168.7.0/24", "offer exit", "use exit NAME".

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "wire/address.h"

namespace phantom::daemon {

inline constexpr std::size_t kOffersMax = 64;
inline constexpr std::size_t kRouteWishesSizeMax = 8'192;

struct RouteWishes {
    std::vector<wire::Prefix> offers;  // ascending, without default routes
    bool offers_exit = false;
    std::string exit;  // the member whose exit is used; empty: none

    friend bool operator==(const RouteWishes&, const RouteWishes&) = default;

    [[nodiscard]] bool offers_prefix(const wire::Prefix& prefix) const;
    // "exit" or a prefix; a sentence where it is neither.
    [[nodiscard]] std::expected<void, std::string> offer(std::string_view what);
    [[nodiscard]] std::expected<void, std::string> withdraw(std::string_view what);

    [[nodiscard]] std::string text() const;
    // Strict: what it accepts, text() gives back to the byte.
    [[nodiscard]] static std::expected<RouteWishes, std::string> parse(std::string_view text);
};

}  // namespace phantom::daemon
