#pragma once

// For tests only: a kernel to one's own, and what it says.

#include <array>
#include <cstdio>
#include <string>

#include <sched.h>

#include "base/assert.h"

namespace phantom::remedy {

inline std::string output_of(const std::string& command) {
    std::string said;
    FILE* const pipe = popen(command.c_str(), "re");  // NOLINT(cert-env33-c): the test's own words
    PM_ASSERT(pipe != nullptr);
    std::array<char, 4'096> part;
    while (const std::size_t size = fread(part.data(), 1, part.size(), pipe)) {
        said.append(part.data(), size);
    }
    pclose(pipe);
    return said;
}

// A network namespace of this process, with lo up. False: not root, or a program is missing.
inline bool enter_empty_network() {
    return unshare(CLONE_NEWNET) == 0 &&
           output_of("ip link set lo up 2>&1 && nft list ruleset 2>&1").empty();
}

// All that actions may change, without what counts up or down.
inline std::string kernel_dump() {
    return output_of(
        "nft -s list ruleset 2>&1; ip rule 2>&1; ip -6 rule 2>&1; "
        "ip route show table all 2>&1; ip -6 route show table all 2>&1"
    );
}

}  // namespace phantom::remedy
