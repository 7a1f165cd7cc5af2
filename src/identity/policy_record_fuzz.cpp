// A policy as it comes from another node: what decodes encodes to the same bytes.

#include <algorithm>

#include "base/assert.h"
#include "identity/policy_record.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    if (const auto policy = identity::PolicyRecord::decode(input)) {
        const auto encoded = policy->encode();
        PM_ASSERT(encoded.has_value());
        PM_ASSERT(std::ranges::equal(*encoded, input));
    }
    return 0;
}
