// What parses is what would be written, to the byte.

#include "base/assert.h"
#include "daemon/route_wishes.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto wishes = daemon::RouteWishes::parse(text);
    if (wishes) {
        PM_ASSERT(wishes->offers.size() <= daemon::kOffersMax);
        PM_ASSERT(wishes->text() == text);
    }
    return 0;
}
