#pragma once

// "90s", "15m", "1h", "7d" as seconds.

#include <cstdint>
#include <map>
#include <string>

#include <CLI/CLI.hpp>

namespace phantom::cli {

inline CLI::AsNumberWithUnit duration_in_seconds() {
    const std::map<std::string, std::uint32_t> units{
        {"s", 1}, {"m", 60}, {"h", 3'600}, {"d", 86'400}
    };
    return CLI::AsNumberWithUnit(units, CLI::AsNumberWithUnit::CASE_SENSITIVE, "TIME");
}

}  // namespace phantom::cli
