// What an issuer, or whoever speaks for it, answers: an ID token that is no key's is nobody's, whatever it is made of.

#include "base/assert.h"
#include "oidc/id_token.h"
#include "oidc/provider.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace phantom;
    const std::string_view token(reinterpret_cast<const char*>(data), size);
    // RFC 8037 appendix A.2, and a key of the same kind as RFC 7515 appendix A.3's.
    static const auto keys = oidc::KeySet::read(
        R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},)"
        R"({"kty":"EC","crv":"P-256","kid":"b","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
        R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})"
    );
    PM_ASSERT(keys.has_value() && keys->size() == 2);
    (void)oidc::read_token_header(token);
    const auto claims = oidc::verify_id_token(
        token, *keys, {.issuer = "https://id.example", .client_id = "c", .nonce = "n"}, "groups",
        {1'768'478'400'000'000'000}
    );
    PM_ASSERT(!claims.has_value());
    return 0;
}
