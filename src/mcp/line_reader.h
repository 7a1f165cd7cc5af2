#pragma once

// Bytes as lines. One that is too long is dropped whole, and said to have been there. No I/O.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace phantom::mcp {

inline constexpr std::size_t kLineSizeMax = std::size_t{256} << 10U;

struct Line {
    std::string text;
    bool is_too_long = false;  // then without its text
};

class LineReader {
  public:
    // The lines that are complete now, without their ends.
    [[nodiscard]] std::vector<Line> feed(std::string_view bytes);

  private:
    std::string pending_;
    bool skips_ = false;  // to the end of a line that is too long
};

}  // namespace phantom::mcp
