#include "terminal/sparkline.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/assert.h"

namespace phantom::terminal {

namespace {

constexpr std::array<std::string_view, 8> kBars{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, 8> kPlainBars{".", ".", ":", ":", "|", "|", "#", "#"};

}  // namespace

std::string sparkline(std::span<const double> values, int columns, double most, bool unicode) {
    PM_ASSERT(most > 0);
    const auto room = static_cast<std::size_t>(std::max(columns, 0));
    const std::span<const double> shown = values.last(std::min(room, values.size()));
    std::string out(room - shown.size(), ' ');
    for (const double value : shown) {
        if (value <= 0) {
            out += ' ';
            continue;
        }
        const double part = std::min(value / most, 1.0) * static_cast<double>(kBars.size());
        const std::size_t bar = std::min(static_cast<std::size_t>(part), kBars.size() - 1);
        out += unicode ? kBars[bar] : kPlainBars[bar];
    }
    return out;
}

}  // namespace phantom::terminal
