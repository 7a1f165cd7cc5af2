// A zone from anybody: read or refused; what is read has an offset at every instant, and what a clock shows leads back
// to an instant.

#include "alert/time_zone.h"
#include "base/assert.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    (void)alert::parse_zone_rule({reinterpret_cast<const char*>(data), size});
    const auto zone = alert::TimeZone::parse({data, size});
    if (!zone) {
        return 0;
    }
    constexpr std::int64_t kOffsetMaxS = 26 * 3'600 + 86'400;
    for (std::int64_t at_s = -3'000'000'000; at_s < 5'000'000'000; at_s += 100'000'007) {
        const std::int64_t offset = zone->offset_s_at(at_s);
        PM_ASSERT(offset >= -kOffsetMaxS && offset <= kOffsetMaxS);
        (void)zone->at_local(at_s);
    }
    return 0;
}
