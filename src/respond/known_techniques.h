#pragma once

// Techniques that our engines and the usual rules name, with the tactics that ATT&CK gives them: enough to say which
// may follow which. Another table can be loaded instead (assess/technique.h).
// Source: MITRE ATT&CK for enterprises.

#include "assess/technique.h"

namespace phantom::respond {

[[nodiscard]] assess::TechniqueTable known_techniques();

}  // namespace phantom::respond
