#pragma once

// `phantom root`: who holds the mesh's root, its key in shares, and both ways between.

#include <cstdint>
#include <string>

#include "cli/client.h"

namespace phantom::cli {

struct RootArguments {
    unsigned threshold = 0;
    unsigned shares = 0;
    std::string file = "-";  // of shares, one a line
    std::uint32_t for_s = 3'600;
    bool keep = false;
    bool force = false;
};

[[nodiscard]] int split_root(const Places& places, bool as_json, const RootArguments& arguments);
[[nodiscard]] int seal_root(const Places& places, bool as_json, const RootArguments& arguments);
[[nodiscard]] int unseal_root(const Places& places, bool as_json, const RootArguments& arguments);
[[nodiscard]] int show_root(const Places& places, bool as_json);

}  // namespace phantom::cli
