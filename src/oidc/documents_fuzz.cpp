// What an issuer says of itself and its keys: whatever is taken of it is safe to ask, and within its bounds.

#include "base/assert.h"
#include "oidc/key_set.h"
#include "oidc/provider.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace phantom;
    constexpr std::string_view kIssuer = "https://id.example";
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto provider = oidc::read_provider(text, kIssuer)) {
        for (const std::string& each :
             {provider->authorization_endpoint, provider->token_endpoint, provider->jwks_uri}) {
            PM_ASSERT(oidc::is_safe_place(each, kIssuer));
        }
    }
    if (const auto keys = oidc::KeySet::read(text)) {
        PM_ASSERT(keys->size() <= oidc::kKeysMax);
    }
    const auto token = oidc::read_token_answer(text);
    PM_ASSERT(!token || !token->empty());
    return 0;
}
