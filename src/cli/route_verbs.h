#pragma once

#include "cli/verbs.h"

namespace phantom::cli {

// `phantom route ...`
void add_route_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb);

}  // namespace phantom::cli
