// A header field that browsers send: a coding passes only where it is named, whatever stands behind it.

#include <algorithm>
#include <cctype>

#include "api/assets.h"
#include "base/assert.h"

using namespace phantom;

namespace {

bool is_named(std::string_view field, std::string_view coding) {
    return !std::ranges::search(field, coding, [](unsigned char one, unsigned char other) {
                return std::tolower(one) == std::tolower(other);
            }).empty();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string field(reinterpret_cast<const char*>(data), size);
    for (const std::string_view coding : {"br", "gzip"}) {
        const bool passes = api::accepts_coding(field, coding);
        PM_ASSERT(!passes || is_named(field, coding));
        // The first word about it holds; another field before it changes nothing.
        PM_ASSERT(api::accepts_coding("identity;q=0.5, " + field, coding) == passes);
        PM_ASSERT(
            !passes || api::accepts_coding(field + ", " + std::string(coding) + ";q=0", coding)
        );
    }
    return 0;
}
