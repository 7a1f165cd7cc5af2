// Matchers from anybody: what is read is written so that it reads the same.

#include "alert/matcher.h"
#include "base/assert.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto matchers = alert::parse_matchers({reinterpret_cast<const char*>(data), size});
    if (!matchers) {
        PM_ASSERT(!matchers.error().empty());
        return 0;
    }
    const alert::Labels labels = *alert::Labels::make({{"a", "b"}, {"severity", "critical"}});
    for (const alert::Matcher& matcher : *matchers) {
        const std::string written = matcher.to_string();
        if (written.size() > alert::kMatcherSizeMax) {
            continue;
        }
        const auto again = alert::parse_matchers(written);
        PM_ASSERT(again.has_value());
        PM_ASSERT(again->size() == 1);
        PM_ASSERT(again->front().value == matcher.value);
        PM_ASSERT(again->front().matches(labels) == matcher.matches(labels));
    }
    return 0;
}
