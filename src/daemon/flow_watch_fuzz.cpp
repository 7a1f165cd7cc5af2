// Hostile inner packets: what is kept of them can be shown, and there is no more of it than there is room for.

#include <algorithm>

#include "base/assert.h"
#include "daemon/flow_watch.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    SeededRandom random(1);
    daemon::FlowWatch watch(random);
    Instant now{1'000'000'000};
    std::size_t count = 0;
    ByteView rest(data, size);
    while (rest.size() > 1) {
        const std::size_t part = std::min<std::size_t>(rest[0] * std::size_t{8}, rest.size() - 1);
        watch.packet(
            rest.subspan(1, part),
            rest[0] % 2 == 0 ? dataplane::TapDirection::kIn : dataplane::TapDirection::kOut, now
        );
        rest = rest.subspan(1 + part);
        now = now + std::chrono::milliseconds(10);
        ++count;
    }
    std::size_t seen = 0;
    watch.visit(now, [&](const daemon::WatchedFlow& flow) {
        PM_ASSERT(flow.number > 0 && flow.packets[0] + flow.packets[1] > 0);
        PM_ASSERT(flow.since <= flow.last && watch.knows(flow.flow));
        PM_ASSERT(std::ranges::all_of(flow.name, [](char each) {
            return each > ' ' && each <= '~';
        }));
        ++seen;
    });
    PM_ASSERT(seen <= count);
    return 0;
}
