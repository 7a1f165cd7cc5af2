#pragma once

// How answers look to a person. Machines ask for --json and get the answer as it came.

#include <string>
#include <vector>

#include <boost/json.hpp>

namespace phantom::cli {

// Colour only where a person reads it: a terminal, NO_COLOR not set.
[[nodiscard]] bool wants_colour();

[[nodiscard]] std::string show_status(const boost::json::object& status, bool colour);
// Empty where there are none.
[[nodiscard]] std::string show_routes(const boost::json::array& routes, bool colour);
[[nodiscard]] std::string show_tokens(const boost::json::object& tokens);

// Columns as wide as their longest cell; the first row is the heading. Colour codes do not count. On a terminal the last
// column is cut where it would not fit.
[[nodiscard]] std::string show_table(const std::vector<std::vector<std::string>>& rows);
// `columns`: of the terminal.
[[nodiscard]] std::string show_table(
    const std::vector<std::vector<std::string>>& rows, std::size_t columns
);

}  // namespace phantom::cli
