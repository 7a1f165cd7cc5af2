#pragma once

// `phantom alerts`, `ack`, `silence`, `escalations`, `oncall` on the command line.

#include "cli/verbs.h"

namespace phantom::cli {

void add_telling_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb);

}  // namespace phantom::cli
