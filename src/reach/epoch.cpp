#include "reach/epoch.h"

#include <utility>

namespace phantom::reach {

namespace {

// One second of rounding; and clocks that differ by a sixteenth.
constexpr std::int64_t kRoundingS = 2;
constexpr std::int64_t kDrift = 16;

bool keeps_pace(std::int64_t slower_s, std::int64_t faster_s) {
    return slower_s + kRoundingS >= faster_s - faster_s / kDrift;
}

}  // namespace

bool Epoch::accept(std::uint32_t server_s, Instant now) {
    const bool was_known = std::exchange(known_, true);
    const std::int64_t before_s = std::exchange(server_s_, server_s);
    const Instant before = std::exchange(at_, now);
    if (!was_known) {
        return true;
    }
    const std::int64_t server_delta_s = server_s - before_s;
    const std::int64_t own_delta_s =
        std::chrono::duration_cast<std::chrono::seconds>(now - before).count();
    // Datagrams may have been exchanged for each other: one second back is none.
    return server_delta_s >= -1 && keeps_pace(own_delta_s, server_delta_s) &&
           keeps_pace(server_delta_s, own_delta_s);
}

}  // namespace phantom::reach
