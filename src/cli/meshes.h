#pragma once

// A machine in several meshes: a daemon for each, with folders of its own below those of the first.

#include "cli/client.h"

namespace phantom::cli {

// Makes what the folders of a named mesh lie in. A sentence where it cannot.
[[nodiscard]] std::string make_parents(const Places& places);

// Those that this machine is in, and which of them are up.
int list_meshes(const Places& first, bool as_json);

}  // namespace phantom::cli
