// Whatever text parses must print and parse again to the same value.

#include <cstdlib>
#include <string_view>

#include "wire/address.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto prefix = wire::Prefix::parse(text)) {
        if (wire::Prefix::parse(prefix->to_string()) != *prefix) {
            std::abort();
        }
    }
    if (const auto address = wire::SocketAddress::parse(text)) {
        if (wire::SocketAddress::parse(address->to_string()) != *address) {
            std::abort();
        }
    }
    return 0;
}
