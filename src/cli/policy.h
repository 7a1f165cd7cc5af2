#pragma once

// `phantom policy ...`: sends a file, shows what came of it. Each returns an exit status.

#include <string>

#include "cli/client.h"

namespace phantom::cli {

struct PolicyArguments {
    std::string file;  // "-" is standard input
    std::string source;
    std::string destination;
    std::string port;
};

// `explain` found that it is denied. Not 1: to fail to ask proves nothing.
inline constexpr int kExitDenied = 4;

[[nodiscard]] int set_policy(const Places& places, bool as_json, const PolicyArguments& arguments);
[[nodiscard]] int check_policy(
    const Places& places, bool as_json, const PolicyArguments& arguments
);
[[nodiscard]] int show_policy(const Places& places, bool as_json);
[[nodiscard]] int clear_policy(const Places& places, bool as_json);
[[nodiscard]] int explain_policy(
    const Places& places, bool as_json, const PolicyArguments& arguments
);

}  // namespace phantom::cli
