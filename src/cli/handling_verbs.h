#pragma once

#include "cli/verbs.h"

namespace phantom::cli {

// audit, backup, restore, evidence, playbook; below `incidents`: merge, split, reopen, note.
void add_handling_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb);

}  // namespace phantom::cli
