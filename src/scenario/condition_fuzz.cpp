// A condition from anybody, over four selections: it is refused, or says the same of the same.

#include "base/assert.h"
#include "scenario/sigma_condition.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::vector<std::string> names{"a", "selection", "filter_1", "filter_2"};
    const auto condition = scenario::SigmaCondition::parse(text, names);
    if (!condition) {
        PM_ASSERT(!condition.error().reason.empty());
        return 0;
    }
    for (unsigned those = 0; those < 16; ++those) {
        const auto selected = [&](std::size_t number) { return (those >> number & 1U) != 0; };
        PM_ASSERT(condition->holds(selected) == condition->holds(selected));
    }
    return 0;
}
