// The name of a technique, from a rule or a feed: what is read is written as it was.

#include "assess/technique.h"
#include "base/assert.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto id = assess::TechniqueId::parse(text)) {
        PM_ASSERT(id->to_string() == text);
    }
    return 0;
}
