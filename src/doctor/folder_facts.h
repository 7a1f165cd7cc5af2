#pragma once

// A folder as the node would use it: whether something can be written, how much, and who else can read it.

#include <string>

#include "doctor/facts.h"

namespace phantom::doctor {

// Entries that are looked at for their mode. There are a dozen.
inline constexpr int kEntriesLookedAtMax = 256;

[[nodiscard]] FolderFacts read_folder(const std::string& path);

}  // namespace phantom::doctor
