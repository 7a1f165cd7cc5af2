// Whatever stands in the file: what is refused has its place, and what is taken can be used.

#include "base/assert.h"
#include "daemon/oidc_settings.h"
#include "oidc/provider.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace phantom;
    const auto settings = daemon::OidcSettings::parse({reinterpret_cast<const char*>(data), size});
    if (!settings) {
        PM_ASSERT(settings.error().starts_with("oidc.json:"));
        return 0;
    }
    PM_ASSERT(oidc::is_safe_place(settings->issuer, settings->issuer));
    PM_ASSERT(!settings->client_id.empty() && !settings->roles.empty());
    PM_ASSERT(settings->redirect_uri().ends_with("/sign-in/openid/done"));
    return 0;
}
