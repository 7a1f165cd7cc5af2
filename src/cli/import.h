#pragma once

// `phantom import`: stock WireGuard peers beside the members of the mesh.

#include "cli/client.h"

namespace phantom::cli {

struct ImportArguments {
    std::string file;    // "-": standard input
    std::string remove;  // a public key
    bool list = false;
};

// The exit status.
[[nodiscard]] int import_peers(
    const Places& places, const ImportArguments& arguments, bool as_json
);

}  // namespace phantom::cli
