// A parcel's record from anybody: what is read is written so that it reads the same.

#include "base/assert.h"
#include "courier/parcel.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parcel = courier::from_record({reinterpret_cast<const char*>(data), size});
    if (!parcel) {
        return 0;
    }
    PM_ASSERT(!courier::destination_of(parcel->request).empty());
    const auto again = courier::from_record(courier::to_record(*parcel));
    PM_ASSERT(again.has_value());
    PM_ASSERT(*again == *parcel);
    return 0;
}
