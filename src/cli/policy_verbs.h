#pragma once

#include "cli/verbs.h"

namespace phantom::cli {

// "policy set", "check", "show", "clear", "explain".
void add_policy_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb);

}  // namespace phantom::cli
