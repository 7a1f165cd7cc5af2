#pragma once

#include "cli/verbs.h"

namespace phantom::cli {

// "api-token create", "list", "revoke".
void add_api_token_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb);

}  // namespace phantom::cli
