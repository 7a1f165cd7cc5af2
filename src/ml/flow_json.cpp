#include "ml/flow_json.h"

#include <iterator>

#include <fmt/format.h>

namespace phantom::ml {

std::string flow_json(const FlowRecord& flow, FlowEnd end) {
    std::string line = fmt::format(
        R"({{"schema":"phantom.flow/1","features_version":{},"begun_us":{},"source":"{}",)"
        R"("destination":"{}","state":"{}","end":"{}","features":{{)",
        kFeatureSchemaVersion, flow.begun_us(), flow.client().to_string(),
        flow.server().to_string(), name_of(flow.state()), name_of(end)
    );
    const Features features = flow.features();
    for (std::size_t index = 0; index < kFeatureCount; ++index) {
        fmt::format_to(
            std::back_inserter(line), R"({}"{}":{})", index == 0 ? "" : ",",
            info_of(static_cast<Feature>(index)).name, features.values[index]
        );
    }
    return line + "}}\n";
}

}  // namespace phantom::ml
