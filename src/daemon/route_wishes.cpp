#include "daemon/route_wishes.h"

#include <algorithm>

#include <fmt/format.h>

namespace phantom::daemon {

namespace {

constexpr std::string_view kExit = "exit";
constexpr std::string_view kOfferWord = "offer ";
constexpr std::string_view kUseWords = "use exit ";

std::expected<wire::Prefix, std::string> prefix_of(std::string_view what) {
    const auto prefix = wire::Prefix::parse(what);
    if (!prefix) {
        return std::unexpected(
            fmt::format("'{}' is no network; write 192.168.7.0/24, fd12::/64 or exit", what)
        );
    }
    if (prefix->length == 0) {
        return std::unexpected(std::string("a default route is offered as 'exit'"));
    }
    return *prefix;
}

}  // namespace

bool RouteWishes::offers_prefix(const wire::Prefix& prefix) const {
    return prefix.length == 0 ? offers_exit : std::ranges::binary_search(offers, prefix);
}

std::expected<void, std::string> RouteWishes::offer(std::string_view what) {
    if (what == kExit) {
        offers_exit = true;
        return {};
    }
    const auto prefix = prefix_of(what);
    if (!prefix) {
        return std::unexpected(prefix.error());
    }
    if (offers_prefix(*prefix)) {
        return {};
    }
    if (offers.size() >= kOffersMax) {
        return std::unexpected(fmt::format("a node offers at most {} networks", kOffersMax));
    }
    offers.insert(std::ranges::upper_bound(offers, *prefix), *prefix);
    return {};
}

std::expected<void, std::string> RouteWishes::withdraw(std::string_view what) {
    if (what == kExit) {
        offers_exit = false;
        return {};
    }
    const auto prefix = prefix_of(what);
    if (!prefix) {
        return std::unexpected(prefix.error());
    }
    std::erase(offers, *prefix);
    return {};
}

std::string RouteWishes::text() const {
    std::string text;
    for (const wire::Prefix& prefix : offers) {
        text += fmt::format("{}{}\n", kOfferWord, prefix.to_string());
    }
    if (offers_exit) {
        text += fmt::format("{}{}\n", kOfferWord, kExit);
    }
    if (!exit.empty()) {
        text += fmt::format("{}{}\n", kUseWords, exit);
    }
    return text;
}

std::expected<RouteWishes, std::string> RouteWishes::parse(std::string_view text) {
    RouteWishes wishes;
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        if (line.starts_with(kUseWords)) {
            wishes.exit = line.substr(kUseWords.size());
        } else if (line.starts_with(kOfferWord)) {
            if (const auto offered = wishes.offer(line.substr(kOfferWord.size())); !offered) {
                return std::unexpected(offered.error());
            }
        } else {
            return std::unexpected(fmt::format("'{}' is not understood", line));
        }
    }
    if (wishes.text() != text) {
        return std::unexpected(std::string("it was not written by this program"));
    }
    return wishes;
}

}  // namespace phantom::daemon
