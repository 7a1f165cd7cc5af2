#include "alert/rota.h"

#include <algorithm>

#include "base/assert.h"

namespace phantom::alert {

namespace {

constexpr std::int64_t kSecondsOfDay = 86'400;

std::int64_t floor_div(std::int64_t value, std::int64_t by) {
    return value / by - (value % by < 0 ? 1 : 0);
}

std::int64_t local_seconds(const Rota& rota, WallTime at) {
    return rota.zone ? rota.zone->local_s(at) : floor_div(at.ns, 1'000'000'000);
}

WallTime instant_of(const Rota& rota, std::int64_t local_s) {
    return rota.zone ? rota.zone->at_local(local_s) : WallTime{local_s * 1'000'000'000};
}

Shift regular_shift(const Rota& rota, WallTime now) {
    const std::int64_t handover_s = std::int64_t{rota.handover_minute} * 60;
    const std::int64_t day = floor_div(local_seconds(rota, now) - handover_s, kSecondsOfDay);
    const std::int64_t number = floor_div(day - rota.first_day, rota.shift_days);
    const auto count = static_cast<std::int64_t>(rota.people.size());
    const std::int64_t first = rota.first_day + number * rota.shift_days;
    const auto place = static_cast<std::size_t>((number % count + count) % count);
    return {
        .who = rota.people[place],
        .from = instant_of(rota, first * kSecondsOfDay + handover_s),
        .until = instant_of(rota, (first + rota.shift_days) * kSecondsOfDay + handover_s),
        .is_override = false
    };
}

}  // namespace

Shift shift_at(const Rota& rota, const std::vector<RotaOverride>& more, WallTime now) {
    PM_ASSERT(!rota.people.empty() && rota.shift_days > 0);
    Shift shift = regular_shift(rota, now);
    std::vector<RotaOverride> all = rota.overrides;
    all.insert(all.end(), more.begin(), more.end());
    for (const RotaOverride& each : all) {
        if (each.from <= now && now < each.until) {
            shift = {.who = each.who, .from = each.from, .until = each.until, .is_override = true};
        }
    }
    for (const RotaOverride& each : all) {
        if (now < each.from) {
            shift.until = std::min(shift.until, each.from);
        }
    }
    return shift;
}

}  // namespace phantom::alert
