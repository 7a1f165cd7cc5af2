#include "assess/quality.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/assert.h"

namespace phantom::assess {

namespace {

double error_of(const Forecast& forecast) {
    return forecast.p - (forecast.attack ? 1 : 0);
}

double ece_of(std::span<const Forecast> forecasts) {
    std::vector<std::size_t> order(forecasts.size());
    for (std::size_t index = 0; index < order.size(); ++index) {
        order[index] = index;
    }
    // Among equals not by outcome, which must not decide which bin one falls into.
    std::ranges::sort(order, [&](std::size_t left, std::size_t right) {
        return std::pair(forecasts[left].p, left) < std::pair(forecasts[right].p, right);
    });
    double sum = 0;
    for (std::size_t bin = 0; bin < kEceBins; ++bin) {
        const std::size_t begin = order.size() * bin / kEceBins;
        const std::size_t end = order.size() * (bin + 1) / kEceBins;
        double gap = 0;
        for (const std::size_t each : std::span(order).subspan(begin, end - begin)) {
            gap += error_of(forecasts[each]);
        }
        sum += std::abs(gap);
    }
    return sum / static_cast<double>(order.size());
}

}  // namespace

Quality quality_of(std::span<const Forecast> forecasts) {
    PM_ASSERT(!forecasts.empty());
    double squares = 0;
    for (const Forecast& each : forecasts) {
        squares += error_of(each) * error_of(each);
    }
    return {squares / static_cast<double>(forecasts.size()), ece_of(forecasts)};
}

}  // namespace phantom::assess
