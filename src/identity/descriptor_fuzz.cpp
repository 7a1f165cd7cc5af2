// Descriptors from strangers: what decodes encodes to the same bytes, and verifying it ends.

#include "base/assert.h"
#include "identity/descriptor.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    const auto descriptor = identity::Descriptor::decode(input);
    if (!descriptor) {
        return 0;
    }
    const auto encoded = descriptor->encode();
    PM_ASSERT(encoded.has_value());
    PM_ASSERT(std::ranges::equal(*encoded, input));
    PM_ASSERT(descriptor->endpoints.size() <= identity::kEndpointsMax);
    PM_ASSERT(!descriptor->verify(descriptor->expiry).has_value());
    (void)descriptor->verify(descriptor->issued);
    return 0;
}
