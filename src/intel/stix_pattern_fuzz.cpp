// The pattern of an indicator: it is understood and names something, or there is a reason with a place.

#include "base/assert.h"
#include "intel/stix_pattern.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto observables = intel::read_stix_pattern({reinterpret_cast<const char*>(data), size});
    if (observables) {
        PM_ASSERT(!observables->empty());
        PM_ASSERT(observables->size() <= intel::kObservablesMax);
    } else {
        PM_ASSERT(!observables.error().empty());
    }
    return 0;
}
