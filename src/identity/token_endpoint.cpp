// TokenEndpoint: its text, for token.h.

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "identity/codec.h"
#include "identity/token_codec.h"

namespace phantom::identity {

// RFC 1123 section 2.1: labels with dots between; the last is not a number, so that no name looks
// like an address. Lower case, so that a name has one form.
bool is_host_name(std::string_view name) {
    if (name.size() > kHostNameSizeMax) {
        return false;
    }
    for (;;) {
        const std::size_t dot = name.find('.');
        const std::string_view label = name.substr(0, dot);
        if (!Label::parse(label)) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return !std::ranges::all_of(label, [](char c) { return c >= '0' && c <= '9'; });
        }
        name.remove_prefix(dot + 1);
    }
}

bool is_token_endpoint(const TokenEndpoint& endpoint) {
    if (const auto* const address = std::get_if<wire::Address>(&endpoint.host)) {
        return is_reachable_form({*address, endpoint.port, 0});
    }
    return endpoint.port != 0 && is_host_name(std::get<std::string>(endpoint.host));
}

Result<TokenEndpoint> TokenEndpoint::parse(std::string_view text) {
    TokenEndpoint endpoint;
    if (const auto numeric = wire::SocketAddress::parse(text)) {
        if (numeric->scope != 0) {
            return fail(IdentityError::kBadEndpoint);
        }
        endpoint = {numeric->address, numeric->port};
    } else {
        const std::size_t colon = text.rfind(':');
        if (colon == std::string_view::npos) {
            return fail(IdentityError::kBadEndpoint);
        }
        const std::string_view digits = text.substr(colon + 1);
        const char* const begin = digits.data();
        const char* const end = begin + digits.size();
        const auto [stopped, error] = std::from_chars(begin, end, endpoint.port);
        if (error != std::errc{} || stopped != end) {
            return fail(IdentityError::kBadEndpoint);
        }
        endpoint.host = std::string(text.substr(0, colon));
    }
    if (!is_token_endpoint(endpoint)) {
        return fail(IdentityError::kBadEndpoint);
    }
    return endpoint;
}

std::string TokenEndpoint::to_string() const {
    if (const auto* const address = std::get_if<wire::Address>(&host)) {
        return wire::SocketAddress{*address, port, 0}.to_string();
    }
    return fmt::format("{}:{}", std::get<std::string>(host), port);
}

}  // namespace phantom::identity
