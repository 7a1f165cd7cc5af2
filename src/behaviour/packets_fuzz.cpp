// Hostile inner packets in any order.

#include <algorithm>

#include "base/assert.h"
#include "behaviour/behaviour.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace phantom;
    SeededRandom random(1);
    behaviour::Behaviour behaviour(random);
    ByteView rest(data, size);
    Instant now{1};
    while (rest.size() > 2) {
        const std::size_t part = std::min<std::size_t>(rest[0], rest.size() - 2);
        now = now + std::chrono::milliseconds(rest[1] * 10);
        behaviour.packet(rest.subspan(2, part), now, [&](const behaviour::Sign& sign) {
            PM_ASSERT(!behaviour::explain(sign).empty() && sign.value > 0 && sign.llr <= 9);
        });
        rest = rest.subspan(2 + part);
    }
    return 0;
}
