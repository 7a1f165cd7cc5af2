// A configuration from anybody: it is read, or what is wrong is named with a place in it; what is read sends every
// alert to a receiver that is there.

#include "alert/config_reader.h"
#include "base/assert.h"

using namespace phantom;

namespace {

void check_routes(const alert::Config& config, const alert::Labels& labels) {
    const auto routes = alert::routes_of(config, labels);
    PM_ASSERT(!routes.empty());
    for (const alert::Route* const route : routes) {
        PM_ASSERT(config.receivers.contains(route->receiver));
        PM_ASSERT(route->repeat_interval > Duration(0));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto config = alert::read_config({reinterpret_cast<const char*>(data), size});
    if (!config) {
        PM_ASSERT(!config.error().empty());
        for (const alert::Remark& remark : config.error()) {
            PM_ASSERT(!remark.text.empty());
        }
        return 0;
    }
    check_routes(*config, {});
    check_routes(*config, *alert::Labels::make({{"service", "foo1"}, {"severity", "critical"}}));
    return 0;
}
