#pragma once

// `phantom token ...`: invitations. Each returns the exit status.

#include "cli/arguments.h"

namespace phantom::cli {

// `is_first`: of a mesh that was just made; the API's first token is printed with it.
int create_token(const Arguments& arguments, bool is_first);
int list_tokens(const Arguments& arguments);
int revoke_token(const Arguments& arguments);

}  // namespace phantom::cli
