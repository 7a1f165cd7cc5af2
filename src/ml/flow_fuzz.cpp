// Packets one after the other (a byte of length, a byte of time, the packet) through facts and flows: every
// feature is a finite number that is not negative.

#include <cmath>

#include "base/assert.h"
#include "ml/flow_json.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    SeededRandom random(1);
    ml::FlowTable table(random);
    const auto farewell = [](const ml::FlowRecord& flow, ml::FlowEnd end) {
        for (const double value : flow.features().values) {
            PM_ASSERT(std::isfinite(value) && value >= 0);
        }
        PM_ASSERT(ml::flow_json(flow, end).size() < 4'096);
    };
    std::int64_t time_us = 0;
    ByteView rest(data, size);
    while (rest.size() > 2) {
        const std::size_t length = std::min<std::size_t>(rest[0], rest.size() - 2);
        time_us += std::int64_t{static_cast<std::int8_t>(rest[1])} * 1'000'000;
        if (const auto facts = ml::facts_of(rest.subspan(2, length), time_us)) {
            (void)table.add(*facts, farewell);
        }
        rest = rest.subspan(2 + length);
    }
    table.end_all(farewell);
    return 0;
}
