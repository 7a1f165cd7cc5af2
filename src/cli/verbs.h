#pragma once

// How a verb comes to the command line.

#include <functional>

#include <CLI/App.hpp>

#include "cli/arguments.h"

namespace phantom::cli {

// The exit status.
using Command = int (*)(const Arguments&);

// Below `in`: a verb, and what it does.
using AddVerb =
    std::function<CLI::App*(CLI::App& in, const char* name, const char* help, Command does)>;

}  // namespace phantom::cli
