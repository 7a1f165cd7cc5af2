#pragma once

// What is wrong with a text that somebody wrote, where, and what would be right.

#include <cstddef>
#include <expected>
#include <string>

namespace phantom::assess {

struct Problem {
    std::size_t column = 1;  // from 1, in bytes: these texts are ASCII
    std::string text;
};

template <class T>
using OrProblem = std::expected<T, Problem>;

}  // namespace phantom::assess
