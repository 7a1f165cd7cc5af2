#pragma once

// A program's page for man(1), made from the description that its help is made from, so that neither can
// fall behind the other. No I/O.

#include <string>
#include <string_view>

#include <CLI/App.hpp>

namespace phantom::manual {

struct Page {
    std::string_view name;     // "phantom"
    int section = 1;           // of the manual
    std::string_view does;     // one line
    std::string_view usage;    // as it is: what the description does not say
    std::string_view related;  // "phantomd(8)"
};

// Text in the language of man(7).
[[nodiscard]] std::string manual(const CLI::App& app, const Page& page);

}  // namespace phantom::manual
