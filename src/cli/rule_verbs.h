#pragma once

#include "cli/verbs.h"

namespace phantom::cli {

// "rules", and what is below it.
void add_rule_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb);

}  // namespace phantom::cli
