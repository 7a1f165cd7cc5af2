#include "base/clock.h"

#include <ctime>

namespace phantom {

namespace {
std::int64_t read_clock(clockid_t clock) {
    timespec at{};
    clock_gettime(clock, &at);
    return static_cast<std::int64_t>(at.tv_sec) * 1'000'000'000 + at.tv_nsec;
}
}  // namespace

Instant monotonic_now() {
    return {read_clock(CLOCK_BOOTTIME)};
}

WallTime wall_now() {
    return {read_clock(CLOCK_REALTIME)};
}

}  // namespace phantom
