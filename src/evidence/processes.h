#pragma once

// The machine's processes: who runs at this moment is gone soon and read first, in one pass over /proc; what takes longer,
// the programs' hashes and what each has open, is read afterwards of the same processes.
//
// The daemon has given up the right to look into others' processes (CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH). Of those the
// kernel tells everybody the command line, owner, parent, state and start, and nobody the program and descriptors: the
// items say so for each, and count them.

#include <cstdint>
#include <string>
#include <vector>

#include "evidence/folder.h"

namespace phantom::evidence {

inline constexpr std::size_t kProcessesMax = 4'096;
inline constexpr std::size_t kDescriptorsPerProcessMax = 64;
inline constexpr std::size_t kCommandLineMax = 1'024;
inline constexpr std::size_t kHashedFileMax = 256U << 20U;

struct Process {
    int pid = 0;
    int parent = 0;
    std::uint32_t uid = 0;
    char state = '?';
    std::uint64_t start = 0;  // clock ticks after the boot: with the pid, it is the same one
    std::string command;      // of the kernel's own: "[kthreadd]"
    std::string program;      // empty: it may not be seen, or it is the kernel's own
    bool is_kernel = false;
};
struct ProcessTable {
    std::vector<Process> processes;  // by number; the first kProcessesMax
    std::size_t not_listed = 0;
    WallTime at;
    Instant monotonic;
};
[[nodiscard]] ProcessTable read_processes();
// A line of /proc/PID/stat, whose second field may hold anything. False: it is none.
[[nodiscard]] bool read_process_stat(std::string_view text, Process& process);

// "processes": a line for each.
[[nodiscard]] Collected describe_processes(const ProcessTable& table);
// "programs": SHA-256 of each program, through /proc, so that it is what runs, also where the file has been replaced
// since; and the descriptors of each process that is still there.
[[nodiscard]] Collected collect_programs(const ProcessTable& table);

}  // namespace phantom::evidence
