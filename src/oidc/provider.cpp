#include "oidc/provider.h"

#include <algorithm>

#include <boost/json.hpp>

#include "fields/fields.h"

namespace phantom::oidc {

namespace {

namespace json = boost::json;

constexpr std::string_view kLoopbackSchemes[]{
    // NOLINT(modernize-avoid-c-arrays): of views
    "http://127.0.0.1:", "http://127.0.0.1/", "http://[::1]:", "http://localhost:"
};

bool is_of_this_machine(std::string_view url) {
    return std::ranges::any_of(kLoopbackSchemes, [&](std::string_view each) {
        return url.starts_with(each);
    });
}

// "https://us@er" leads elsewhere than it looks.
bool has_user(std::string_view url) {
    const std::size_t begin = url.find("://");
    const std::string_view authority =
        begin == std::string_view::npos ? url : url.substr(begin + 3);
    return authority.substr(0, authority.find_first_of("/?#")).find('@') != std::string_view::npos;
}

// As it may stand in a request line.
bool is_plain(std::string_view url) {
    return !url.empty() && !has_user(url) && url.size() <= kPlaceSizeMax &&
           std::ranges::all_of(url, [](char each) { return each > ' ' && each <= '~'; });
}

Result<json::object> object_in(std::string_view text, OidcError otherwise) {
    boost::system::error_code bad;
    json::value value = text.size() > kDocumentSizeMax
                            ? json::value()
                            : json::parse(json::string_view(text.data(), text.size()), bad);
    if (bad || !value.is_object()) {
        return fail(otherwise);
    }
    return std::move(value.get_object());
}

}  // namespace

std::string discovery_place(std::string_view issuer) {
    if (issuer.ends_with('/')) {
        issuer.remove_suffix(1);
    }
    return std::string(issuer) + "/.well-known/openid-configuration";
}

bool is_safe_place(std::string_view url, std::string_view issuer) {
    return is_plain(url) &&
           (url.starts_with("https://") || (is_of_this_machine(url) && is_of_this_machine(issuer)));
}

Result<Provider> read_provider(std::string_view text, std::string_view issuer) {
    const json::object said = PM_TRY(object_in(text, OidcError::kProviderMalformed));
    // Section 4.3: else one issuer could speak for another.
    if (fields::text_at(said, "issuer") != issuer) {
        return fail(OidcError::kProviderIsAnother);
    }
    Provider provider{
        .authorization_endpoint = fields::text_at(said, "authorization_endpoint"),
        .token_endpoint = fields::text_at(said, "token_endpoint"),
        .jwks_uri = fields::text_at(said, "jwks_uri"),
    };
    for (const std::string& each :
         {provider.authorization_endpoint, provider.token_endpoint, provider.jwks_uri}) {
        if (each.empty()) {
            return fail(OidcError::kProviderMalformed);
        }
        if (!is_safe_place(each, issuer)) {
            return fail(OidcError::kPlaceUnsafe);
        }
    }
    return provider;
}

Result<std::string> read_token_answer(std::string_view text) {
    const json::object said = PM_TRY(object_in(text, OidcError::kAnswerMalformed));
    std::string token = fields::text_at(said, "id_token");
    if (token.empty()) {
        return fail(OidcError::kAnswerMalformed);
    }
    return token;
}

}  // namespace phantom::oidc
