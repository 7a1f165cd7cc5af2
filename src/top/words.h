#pragma once

// Numbers and times as a person reads them in a narrow column.

#include <cstdint>
#include <string>
#include <string_view>

namespace phantom::top {

// "1.2 MB/s", "340 kB/s", "0": at most 8 columns.
[[nodiscard]] std::string rate_text(double bytes_per_second);
// "11.4 ms", "0.31 ms", "1.20 s".
[[nodiscard]] std::string rtt_text(double milliseconds);
// "59m", "2h10m", "12d": the two largest units.
[[nodiscard]] std::string span_text(std::uint64_t seconds);
// "7.2" of 72.
[[nodiscard]] std::string tenths_text(int tenths);
// "12:31:07" of RFC 3339 in UTC; the whole text where it is none.
[[nodiscard]] std::string clock_text(std::string_view time);

}  // namespace phantom::top
