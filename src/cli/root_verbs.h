#pragma once

#include "cli/verbs.h"

namespace phantom::cli {

// `phantom root ...`
void add_root_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb);

}  // namespace phantom::cli
