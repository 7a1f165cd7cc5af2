// Functions of addresses, times, data files, and of what was kept from earlier lines.

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "scenario/data_files.h"
#include "scenario/errors.h"
#include "scenario/functions.h"
#include "scenario/go_time.h"
#include "wire/address.h"

namespace phantom::scenario {

namespace {

constexpr double kEarthRadiusKm = 6371.0088;

Result<Value> ip_in_range(CallScope& /*scope*/, Arguments arguments) {
    const auto address = wire::Address::parse(text_of(*arguments[0]));
    const auto prefix = wire::Prefix::parse(text_of(*arguments[1]));
    if (!address || !prefix) {
        return fail(ExpressionError::kBadAddress);
    }
    return Value(prefix->contains(*address));
}

template <wire::Family Wanted>
Result<Value> is_address(CallScope& /*scope*/, Arguments arguments) {
    const auto address = wire::Address::parse(text_of(*arguments[0]));
    return Value(
        address.has_value() && (Wanted == wire::Family::kNone || address->family == Wanted)
    );
}

Result<Value> duration(CallScope& /*scope*/, Arguments arguments) {
    const auto length = parse_duration(text_of(*arguments[0]));
    if (!length) {
        return fail(ExpressionError::kNotANumber);
    }
    return Value(*length);
}

// The middle of what lies between neighbours in time.
Result<Value> median_interval(CallScope& /*scope*/, Arguments arguments) {
    const boost::json::array* list = arguments[0]->if_array();
    if (list == nullptr || list->size() < 2) {
        return fail(ExpressionError::kNoSuchItem);
    }
    std::vector<std::int64_t> times;
    for (const Value& each : *list) {
        if (!each.is_int64()) {
            return fail(ExpressionError::kWrongType);
        }
        times.push_back(each.get_int64());
    }
    std::ranges::sort(times);
    std::vector<std::int64_t> intervals;
    for (std::size_t index = 1; index < times.size(); ++index) {
        intervals.push_back(times[index] - times[index - 1]);
    }
    std::ranges::sort(intervals);
    const std::size_t middle = intervals.size() / 2;
    if (intervals.size() % 2 == 1) {
        return Value(intervals[middle]);
    }
    return Value(intervals[middle - 1] + (intervals[middle] - intervals[middle - 1]) / 2);
}

Result<double> degrees(const Value& value) {
    if (value.is_double()) {
        return value.get_double();
    }
    if (value.is_int64()) {
        return static_cast<double>(value.get_int64());
    }
    try {
        return std::stod(std::string(text_of(value)));
    } catch (const std::exception&) {
        return fail(ExpressionError::kNotANumber);
    }
}

// In kilometres on the surface of the earth, by the haversine formula.
Result<Value> distance(CallScope& /*scope*/, Arguments arguments) {
    constexpr double kRadians = std::numbers::pi / 180;
    const double latitude_1 = PM_TRY(degrees(*arguments[0])) * kRadians;
    const double longitude_1 = PM_TRY(degrees(*arguments[1])) * kRadians;
    const double latitude_2 = PM_TRY(degrees(*arguments[2])) * kRadians;
    const double longitude_2 = PM_TRY(degrees(*arguments[3])) * kRadians;
    const double half_up = std::sin((latitude_2 - latitude_1) / 2);
    const double half_over = std::sin((longitude_2 - longitude_1) / 2);
    const double chord =
        half_up * half_up + std::cos(latitude_1) * std::cos(latitude_2) * half_over * half_over;
    return Value(2 * kEarthRadiusKm * std::asin(std::min(1.0, std::sqrt(chord))));
}

Result<Value> from_stash(CallScope& scope, Arguments arguments) {
    if (scope.stash == nullptr) {
        return Value("");
    }
    return Value(scope.stash->get(text_of(*arguments[0]), text_of(*arguments[1]), scope.now_ns));
}

Result<Value> lines_of_file(CallScope& scope, Arguments /*arguments*/) {
    boost::json::array lines;
    for (const std::string& line : scope.file->lines) {
        lines.emplace_back(line);
    }
    return Value(std::move(lines));
}

Result<Value> matches_in_file(CallScope& scope, Arguments arguments) {
    const std::string_view text = text_of(*arguments[0]);
    return Value(std::ranges::any_of(scope.file->patterns, [text](const Pattern& each) {
        return each.search(text) == Pattern::Outcome::kMatch;
    }));
}

constexpr auto kOtherFunctions = std::to_array<Function>({
    {"IpInRange", 2, 2, ip_in_range},
    {"IsIP", 1, 1, is_address<wire::Family::kNone>},
    {"IsIPV4", 1, 1, is_address<wire::Family::kV4>},
    {"IsIPV6", 1, 1, is_address<wire::Family::kV6>},
    {"duration", 1, 1, duration},
    {"MedianInterval", 1, 1, median_interval},
    {"Distance", 4, 4, distance},
    {"GetFromStash", 2, 2, from_stash},
    {"File", 1, 1, lines_of_file, 0},
    {"RegexpInFile", 2, 2, matches_in_file, 1, true},
});

}  // namespace

std::span<const Function> other_functions() {
    return kOtherFunctions;
}

}  // namespace phantom::scenario
