#pragma once

// What Linux says of itself at this moment, as items of evidence: read from /proc, over netlink, or from the programs
// nft and ip. Blocks for milliseconds, or for a program's patience: not for the control thread.
//
// The daemon has given up most of root's rights, so of other users' processes it sees what everybody may see; what was
// denied is counted in the item's note.

#include <span>
#include <string>

#include "evidence/folder.h"

namespace phantom::evidence {

inline constexpr std::size_t kProcessesMax = 4'096;
inline constexpr std::size_t kDescriptorsPerProcessMax = 64;
inline constexpr std::size_t kCommandLineMax = 1'024;
inline constexpr Duration kProgramPatience = std::chrono::seconds(3);
inline constexpr std::size_t kHashedFileMax = 256U << 20U;

// In the order of volatility (RFC 3227, 2.1). /proc/net: no program is started.
[[nodiscard]] Collected collect_sockets();
[[nodiscard]] Collected collect_neighbours();
[[nodiscard]] Collected collect_routes();
[[nodiscard]] Collected collect_connections();
// A line for each: parent, user, state, start, command line; the program behind it, its hash and descriptors where that
// may be seen. `with_hashes`: reads each program once.
[[nodiscard]] Collected collect_processes(bool with_hashes);
// The output of a program; the note says where it could not be run.
[[nodiscard]] Collected collect_output(std::string what, std::vector<std::string> words);
// SHA-256, size, owner, mode and time of each.
[[nodiscard]] Collected collect_file_hashes(std::span<const std::string> paths);

}  // namespace phantom::evidence
