#pragma once

// `phantom detect --behaviour`: who behaves like an attacker in a capture.

#include <cstdio>

#include "detect/capture.h"

namespace phantom::cli {

// One line a sign, "phantom.sign/1". What was read of a capture that is cut off counts. False: it was, or `out`
// cannot be written.
[[nodiscard]] bool write_signs(detect::CaptureReader& capture, std::FILE* out);

}  // namespace phantom::cli
