#pragma once

// What there is on this machine that a node needs, as values: gather.h reads them, examine.h judges them. An errno
// is 0 where it worked.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/offloads.h"

namespace phantom::doctor {

struct KernelFacts {
    std::string release;  // "6.1.0-18-amd64"
    unsigned major = 0;
    unsigned minor = 0;
};

struct TunFacts {
    int open_errno = 0;    // of /dev/net/tun
    int create_errno = 0;  // of an interface, which is gone again
};

struct OffloadFacts {
    bool is_proven = false;  // by packets in a network namespace of its own
    io::Offloads usable;
};

// The interface of the default route, and whether the firewall lets anything out of it.
struct WayOutFacts {
    bool exists = false;
    std::string interface;
    std::uint32_t mtu = 0;
    int send_errno = 0;  // of an empty datagram to the gateway, from and to the node's port
};

struct ClockFacts {
    bool is_known = false;
    bool is_synchronised = false;
    std::int64_t error_max_us = 0;
    std::int64_t unix_s = 0;
};

struct PortFacts {
    std::uint16_t port = 0;
    bool is_tcp = false;
    int bind_errno = 0;
    std::string holder;  // "nc (pid 4711)"; empty: nobody, or nobody knows
    bool is_held_by_node = false;
};

struct CapabilityFacts {
    std::uint64_t effective = 0;
    bool is_root = false;
};

struct FirewallFacts {
    int netlink_errno = 0;     // of asking nf_tables for its chains
    bool has_program = false;  // nft
    bool program_works = false;
    std::vector<std::string>
        dropping_inputs;  // "inet filter input": chains that drop what no rule lets in
};

struct LimitFacts {
    std::uint64_t files_soft = 0;
    std::uint64_t files_hard = 0;
    std::uint64_t memory_available_bytes =
        0;  // the smaller one of the machine's and the control group's
};

struct LoosePlace {
    std::string path;
    unsigned mode = 0;
};

struct FolderFacts {
    std::string path;
    bool exists = false;
    bool is_folder = false;
    std::string nearest;  // itself, or what is there above it
    std::uint64_t free_bytes = 0;
    std::uint64_t free_files = 0;
    bool counts_files = true;  // not every file system has a limit
    int write_errno = 0;       // of a file without a name in `nearest`
    unsigned mode = 0;
    bool is_of_another = false;             // neither root's nor ours
    std::vector<LoosePlace> loose_secrets;  // that others can read
};

// Of a node that runs here. Empty fields: it does not.
struct DaemonFacts {
    bool is_running = false;
    std::string problem;  // why it could not be asked, though its socket is there
    std::vector<std::string> warnings;
};

struct Facts {
    KernelFacts kernel;
    TunFacts tun;
    OffloadFacts offloads;
    WayOutFacts way_out;
    ClockFacts clock;
    std::vector<PortFacts> ports;
    CapabilityFacts capabilities;
    FirewallFacts firewall;
    LimitFacts limits;
    FolderFacts state;
    FolderFacts run;
    DaemonFacts daemon;
};

}  // namespace phantom::doctor
