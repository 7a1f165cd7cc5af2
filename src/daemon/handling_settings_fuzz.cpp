// Whatever stands in the file: no crash; what is refused has its place, and what is taken keeps its bounds.

#include <cstdlib>

#include "daemon/handling_settings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace phantom;
    const auto settings =
        daemon::HandlingSettings::parse({reinterpret_cast<const char*>(data), size});
    if (!settings) {
        if (!settings.error().starts_with("handling.json:")) {
            std::abort();
        }
        return 0;
    }
    for (const respond::Measure& each : settings->response.measures) {
        if (!(each.confidence_min >= respond::kConfidenceLeast && each.confidence_min <= 1) ||
            each.duration <= Duration(0) || each.duration > respond::kMeasureLongest ||
            each.per_hour_max > respond::kMeasuresAnHourMax) {
            std::abort();
        }
    }
    if (settings->response.targets.size() > respond::kTargetRulesMax) {
        std::abort();
    }
    return 0;
}
