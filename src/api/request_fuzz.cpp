// Bytes of a connection: Beast's parser, then all that is decided about a request before the node is asked, and what
// becomes of the node's word. A request with the token "pm_..." of the fixture's owner goes all the way.

#include <string_view>

#include "api/application_fixture.h"
#include "api/beast_request.h"
#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace phantom;
    static api::Application application = api::fixture_application();
    static Instant now{1'000'000'000'000};
    // So that no limit hides what comes behind it.
    now = now + std::chrono::minutes(10);
    const auto request = api::parse_request(
        {reinterpret_cast<const char*>(data), size}, {.address = "local", .is_owner = size % 2 == 0}
    );
    if (!request) {
        (void)api::response_of(request.error());
        return 0;
    }
    auto decision = application.decide(*request, now, {1});
    if (auto* response = std::get_if<api::Response>(&decision)) {
        PM_ASSERT(response->status >= 200);
        (void)api::write_head(*response, "", true);
    }
    if (auto* asked = std::get_if<api::Application::Asked>(&decision)) {
        boost::json::object answer{
            {"number", 1},
            {"sequence", 2},
            {"things", {{{"number", 1}, {"state", "on"}}}},
            {"content_type", "text/plain"},
            {"text", "1"},
        };
        const auto rendered = application.render(*asked, std::move(answer));
        (void)api::write_head(
            api::Application::with_trace(application.finish(*asked, rendered), asked->trace_id), "",
            true
        );
    }
    return 0;
}
