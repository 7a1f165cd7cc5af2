// A vector from anybody: it is read or the place of its fault is named; what is read has scores, and is written
// as a vector that reads the same.

#include "assess/cvss3.h"
#include "assess/cvss4.h"
#include "base/assert.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto vector = assess::parse_cvss(text);
    if (!vector) {
        PM_ASSERT(vector.error().column >= 1 && vector.error().column <= size + 1);
        PM_ASSERT(!vector.error().text.empty());
        return 0;
    }
    const auto again = assess::parse_cvss(vector->to_string());
    PM_ASSERT(again.has_value());
    PM_ASSERT(*again == *vector);
    if (vector->version() == assess::CvssVersion::k40) {
        const auto macro = assess::macro_vector_of(*vector);
        PM_ASSERT(assess::score_cvss4(*vector) <= assess::score_of(macro));
    } else {
        const auto scores = assess::score_cvss3(*vector);
        PM_ASSERT(scores.temporal <= scores.base);
    }
    return 0;
}
