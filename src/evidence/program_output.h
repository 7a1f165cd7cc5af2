#pragma once

// What another program prints, bounded in size and time.

#include <string>
#include <vector>

#include "base/clock.h"

namespace phantom::evidence {

struct ProgramOutput {
    std::string text;
    std::string problem;  // for people; empty: it ended with 0 in time
};
// Its standard output; it has no input, and its errors go nowhere. It is killed when it takes longer, or prints more.
[[nodiscard]] ProgramOutput output_of(
    std::vector<std::string> words, std::size_t size_max, Duration patience
);

}  // namespace phantom::evidence
