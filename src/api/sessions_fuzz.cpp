// The file of sessions, as somebody may have left it: what is read is written again as the same.

#include "api/sessions.h"
#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace phantom;
    constexpr Instant kNow{1'000'000'000};
    constexpr WallTime kWall{1'768'478'400'000'000'000};
    const auto table =
        api::SessionTable::read({reinterpret_cast<const char*>(data), size}, kNow, kWall);
    if (table) {
        const std::string text = table->write();
        const auto again = api::SessionTable::read(text, kNow, kWall);
        PM_ASSERT(again.has_value() && again->write() == text);
        PM_ASSERT(table->all(kNow, kWall).size() <= api::kSessionsMax);
    }
    return 0;
}
