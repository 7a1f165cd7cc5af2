// classify on hostile datagrams: a type is given only to a length that fits it.

#include "base/assert.h"
#include "wire/message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using phantom::wire::MessageType;
    const auto type = phantom::wire::classify({data, size});
    if (!type) {
        return 0;
    }
    PM_ASSERT(size >= phantom::wire::kTransportSizeMin);
    PM_ASSERT(*type == MessageType::kTransport || size <= phantom::wire::kHandshakeSizeMax);
    return 0;
}
