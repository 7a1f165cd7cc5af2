#pragma once

// `phantom rotate`: all keys of this node are changed; its name, id and addresses stay.

#include "cli/client.h"

namespace phantom::cli {

// Waits for it. Exit::kFailed where it has not happened yet: it will, without a further word.
int rotate(const Places& places, unsigned timeout_s, bool as_json);

}  // namespace phantom::cli
