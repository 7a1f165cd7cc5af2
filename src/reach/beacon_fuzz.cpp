// What nobody sealed is not opened; what is opened was sealed exactly so.

#include <algorithm>

#include "base/assert.h"
#include "reach/beacon.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::array<std::uint8_t, 3> mesh{1, 2, 3};
    const reach::BeaconKeys keys(mesh);
    const WallTime now{1'800'000'000'000'000'000};
    if (const auto beacon = keys.open({data, size}, now)) {
        PM_ASSERT(std::ranges::equal(keys.seal(*beacon), std::span(data, size)));
    }
    return 0;
}
