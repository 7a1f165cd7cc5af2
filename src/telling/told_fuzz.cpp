// A record of what was told from a damaged disk: read or refused; what is read is written so that it reads the same.

#include "base/assert.h"
#include "telling/told.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto told = telling::read_told({reinterpret_cast<const char*>(data), size});
    if (told) {
        const std::string written = telling::write_told(*told);
        const auto again = telling::read_told(written);
        PM_ASSERT(again.has_value());
        PM_ASSERT(telling::write_told(*again) == written);
    }
    return 0;
}
