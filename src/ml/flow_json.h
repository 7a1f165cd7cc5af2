#pragma once

// A flow as one line, "phantom.flow/1".

#include <string>

#include "ml/flow_table.h"

namespace phantom::ml {

// Ends with a newline. Numbers are written so that they are read back exactly.
[[nodiscard]] std::string flow_json(const FlowRecord& flow, FlowEnd end);

}  // namespace phantom::ml
