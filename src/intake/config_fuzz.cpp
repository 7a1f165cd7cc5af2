// inputs.yml, and the places that are kept, from anybody: refused with a reason, or as bounded as they say.

#include "base/assert.h"
#include "intake/config.h"
#include "intake/places.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto config = intake::parse_config(text)) {
        PM_ASSERT(config->inputs.size() <= intake::kInputsMax);
        for (const intake::InputConfig& each : config->inputs) {
            PM_ASSERT(!each.from.empty() && !each.type.empty());
        }
    } else {
        PM_ASSERT(!config.error().reason.empty());
    }
    if (const auto places = intake::parse_places(text)) {
        PM_ASSERT(intake::parse_places(intake::places_json(*places)) == *places);
    }
    return 0;
}
