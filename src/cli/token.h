#pragma once

// `phantom token ...`: invitations. Each returns the exit status.

#include "cli/arguments.h"

namespace phantom::cli {

int create_token(const Arguments& arguments);
int list_tokens(const Arguments& arguments);
int revoke_token(const Arguments& arguments);

}  // namespace phantom::cli
