#pragma once

// The verbs of who looks after a machine: doctor, top, mcp.

#include "cli/verbs.h"

namespace phantom::cli {

void add_machine_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb);

}  // namespace phantom::cli
