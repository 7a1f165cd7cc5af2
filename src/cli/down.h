#pragma once

#include "cli/arguments.h"

namespace phantom::cli {

// `phantom down`: returns once the process has ended, which is after its interface and its routes are gone.
int down(const Arguments& arguments);

}  // namespace phantom::cli
