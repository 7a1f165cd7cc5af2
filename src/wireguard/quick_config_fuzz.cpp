// What parses is written, and parses again to what is written the same way.

#include "base/assert.h"
#include "wireguard/quick_config.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto config = wireguard::parse_quick_config({reinterpret_cast<const char*>(data), size});
    if (!config) {
        PM_ASSERT(config.error().line >= 1);
        return 0;
    }
    const std::string text = wireguard::format_quick_config(*config);
    if (text.size() > wireguard::kQuickConfigSizeMax) {
        return 0;
    }
    const auto again = wireguard::parse_quick_config(text);
    PM_ASSERT(again.has_value());
    PM_ASSERT(again->addresses == config->addresses);
    PM_ASSERT(again->not_taken.empty());
    PM_ASSERT(wireguard::format_quick_config(*again) == text);
    return 0;
}
