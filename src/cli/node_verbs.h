#pragma once

// The verbs of a node and its mesh: init to revoke, invitations, imported peers, names.

#include "cli/verbs.h"

namespace phantom::cli {

void add_node_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb);

}  // namespace phantom::cli
