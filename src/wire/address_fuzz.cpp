// The text parsers: what they accept, they print, and read back as the same value.

#include <string_view>

#include "base/assert.h"
#include "wire/address.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using phantom::wire::Prefix;
    using phantom::wire::SocketAddress;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto prefix = Prefix::parse(text)) {
        const auto again = Prefix::parse(prefix->to_string());
        PM_ASSERT(again.has_value());
        PM_ASSERT(*again == *prefix);
    }
    if (const auto address = SocketAddress::parse(text)) {
        const auto again = SocketAddress::parse(address->to_string());
        PM_ASSERT(again.has_value());
        PM_ASSERT(*again == *address);
    }
    return 0;
}
