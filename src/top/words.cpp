#include "top/words.h"

#include <array>

#include <fmt/format.h>

namespace phantom::top {

std::string rate_text(double bytes_per_second) {
    if (bytes_per_second < 1) {
        return "0";
    }
    constexpr std::array kUnits{"B/s", "kB/s", "MB/s", "GB/s", "TB/s"};
    std::size_t unit = 0;
    // What would be rounded to four digits belongs to the next unit.
    while (bytes_per_second >= 999.5 && unit + 1 < kUnits.size()) {
        bytes_per_second /= 1'000;
        ++unit;
    }
    return unit > 0 && bytes_per_second < 9.95
               ? fmt::format("{:.1f} {}", bytes_per_second, kUnits[unit])
               : fmt::format("{:.0f} {}", bytes_per_second, kUnits[unit]);
}

std::string rtt_text(double milliseconds) {
    if (milliseconds >= 999.5) {
        return fmt::format("{:.2f} s", milliseconds / 1'000);
    }
    return milliseconds < 9.995   ? fmt::format("{:.2f} ms", milliseconds)
           : milliseconds < 99.95 ? fmt::format("{:.1f} ms", milliseconds)
                                  : fmt::format("{:.0f} ms", milliseconds);
}

std::string span_text(std::uint64_t seconds) {
    if (seconds < 60) {
        return fmt::format("{}s", seconds);
    }
    if (seconds < 3'600) {
        return fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
    }
    return seconds < 86'400 ? fmt::format("{}h{:02}m", seconds / 3'600, seconds / 60 % 60)
                            : fmt::format("{}d{:02}h", seconds / 86'400, seconds / 3'600 % 24);
}

std::string tenths_text(int tenths) {
    return fmt::format("{}.{}", tenths / 10, tenths % 10);
}

std::string clock_text(std::string_view time) {
    constexpr std::size_t kClockBegin = 11;
    constexpr std::size_t kClockSize = 8;
    const bool is_time = time.size() >= kClockBegin + kClockSize && time[kClockBegin - 1] == 'T';
    return std::string(is_time ? time.substr(kClockBegin, kClockSize) : time);
}

}  // namespace phantom::top
