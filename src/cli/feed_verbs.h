#pragma once

#include "cli/verbs.h"

namespace phantom::cli {

// "feeds", and what is below it.
void add_feed_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb);

}  // namespace phantom::cli
