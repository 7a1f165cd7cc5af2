// Whatever text parses must print and parse again to the same value.

#include <string_view>

#include "base/assert.h"
#include "wire/address.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto prefix = wire::Prefix::parse(text)) {
        const auto again = wire::Prefix::parse(prefix->to_string());
        PM_ASSERT(again.has_value());
        PM_ASSERT(*again == *prefix);
    }
    if (const auto address = wire::SocketAddress::parse(text)) {
        const auto again = wire::SocketAddress::parse(address->to_string());
        PM_ASSERT(again.has_value());
        PM_ASSERT(*again == *address);
    }
    return 0;
}
