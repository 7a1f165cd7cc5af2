#pragma once

// Reads this machine. Changes nothing that stays: an interface that is made is gone again, ports are let go, and what
// is written has no name. Takes some hundred milliseconds; starts threads for the offloads' self-test and ends them.
// Needs no daemon, and no rights: what it may not look at, Facts say so.

#include <cstdint>
#include <string>

#include "doctor/facts.h"

namespace phantom::doctor {

struct Places {
    std::string state_dir;
    std::string run_dir;
    std::uint16_t udp_port = 51'820;
    std::uint16_t tcp_port = 443;  // of the carrier; 0: not asked for
    int node_pid = 0;              // of the daemon that may have these ports; 0: none runs
};

// `daemon` is left to the caller, who can ask it.
[[nodiscard]] Facts gather(const Places& places);

}  // namespace phantom::doctor
