#pragma once

// Whose turn it is. A rota changes hands at the same hour of the local clock, so that summer time moves nobody's
// shift. No clock of its own.

#include <cstdint>
#include <string>
#include <vector>

#include "alert/time_zone.h"

namespace phantom::alert {

inline constexpr std::size_t kRotaPeopleMax = 100;
inline constexpr std::size_t kRotaOverridesMax = 1'000;

struct RotaOverride {
    WallTime from;
    WallTime until;
    std::string who;
    friend bool operator==(const RotaOverride&, const RotaOverride&) = default;
};

struct Rota {
    std::string name;
    std::string zone_name = "UTC";
    ZonePointer zone;
    std::int64_t first_day =
        0;  // days since 1970, on the local calendar: the first of the first shift
    int handover_minute = 0;  // of the day
    int shift_days = 7;
    std::vector<std::string> people;  // names of receivers; never none
    std::vector<RotaOverride> overrides;
};

struct Shift {
    std::string who;
    WallTime from;
    WallTime until;  // or when an override begins or ends, whichever is first
    bool is_override = false;
};

// `more` come before the rota's own overrides; of several the last that was written holds.
[[nodiscard]] Shift shift_at(const Rota& rota, const std::vector<RotaOverride>& more, WallTime now);

}  // namespace phantom::alert
