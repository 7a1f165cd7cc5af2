#pragma once

// `phantom detect --flows`: the features of the flows of a capture.

#include <cstdio>

#include "detect/capture.h"

namespace phantom::cli {

// One line a flow that is over, "phantom.flow/1". What was read of a capture that is cut off counts.
// False: it was, or `out` cannot be written.
[[nodiscard]] bool write_flows(detect::CaptureReader& capture, std::FILE* out);

}  // namespace phantom::cli
