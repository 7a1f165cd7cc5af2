#pragma once

#include "cli/verbs.h"

namespace phantom::cli {

void add_seen_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb);

}  // namespace phantom::cli
