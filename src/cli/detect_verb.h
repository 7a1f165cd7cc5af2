#pragma once

#include "cli/verbs.h"

namespace phantom::cli {

void add_detect_verb(CLI::App& app, Arguments& arguments, const AddVerb& verb);

}  // namespace phantom::cli
