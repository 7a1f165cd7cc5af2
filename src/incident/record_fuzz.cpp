// An incident's file, damaged: refused, or read and written the same.

#include "base/assert.h"
#include "incident/post_mortem.h"
#include "incident/record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace phantom;
    const auto read = incident::parse_incident({reinterpret_cast<const char*>(data), size});
    if (read) {
        const auto again = incident::from_json(incident::to_json(*read));
        PM_ASSERT(again.has_value());
        PM_ASSERT(!incident::post_mortem(*read, {}).empty());
    }
    return 0;
}
