#pragma once

// The verbs of defence.h.

#include "cli/verbs.h"

namespace phantom::cli {

void add_defence_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb);

}  // namespace phantom::cli
