#pragma once

// The IP packets of a capture, as those who look at inner packets want them.

#include <cstdint>
#include <functional>

#include "detect/capture.h"

namespace phantom::cli {

// Each whole IP packet, also those inside others; the parts of one that was cut up are left out, and it comes
// when it is whole. False, and said on standard error: the capture is cut off. What came before counts.
[[nodiscard]] bool each_ip_packet(
    detect::CaptureReader& capture,
    const std::function<void(ByteView packet, std::int64_t time_us)>& sink
);

}  // namespace phantom::cli
