// Whatever a gateway's texts say, what is taken from them is plain, and on the gateway itself.

#include "base/assert.h"
#include "reach/upnp.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::array<std::uint8_t, 4> address{192, 168, 1, 1};
    const wire::SocketAddress host{.address = wire::Address::v4(address.data()), .port = 5000};
    const auto is_safe = [](std::string_view path) {
        return path.find_first_of("\r\n \"<>") == std::string_view::npos;
    };
    if (const auto place = reach::parse_ssdp_response(text)) {
        PM_ASSERT(is_safe(place->path) && place->host.port != 0);
    }
    if (const auto service = reach::find_service(text, host)) {
        PM_ASSERT(service->control.host.address == host.address);
        PM_ASSERT(is_safe(service->control.path) && is_safe(service->type));
    }
    if (const auto response = reach::parse_http_response(text)) {
        PM_ASSERT(response->body.size() < size);
        (void)reach::parse_external_address(response->body);
        (void)reach::upnp_error(response->body);
    }
    return 0;
}
