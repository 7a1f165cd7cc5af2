#pragma once

// What Linux says of itself at this moment, as items of evidence: read from /proc, over netlink, or from the programs
// nft and ip. Blocks for milliseconds, or for a program's patience: not for the control thread. Processes: processes.h.

#include <span>
#include <string>

#include "evidence/folder.h"
#include "evidence/processes.h"

namespace phantom::evidence {

inline constexpr Duration kProgramPatience = std::chrono::seconds(3);

// In the order of volatility (RFC 3227, 2.1). /proc/net: no program is started.
[[nodiscard]] Collected collect_sockets();
[[nodiscard]] Collected collect_neighbours();
[[nodiscard]] Collected collect_routes();
[[nodiscard]] Collected collect_connections();
// The output of a program; the note says where it could not be run.
[[nodiscard]] Collected collect_output(std::string what, std::vector<std::string> words);
// What a terminal and a reader of lines can be shown.
[[nodiscard]] std::string one_line(std::string text);
// SHA-256, size, owner, mode and time of each.
[[nodiscard]] Collected collect_file_hashes(std::span<const std::string> paths);

}  // namespace phantom::evidence
