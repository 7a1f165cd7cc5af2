#pragma once

// The verbs of actions.h.

#include "cli/verbs.h"

namespace phantom::cli {

void add_action_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb);

}  // namespace phantom::cli
