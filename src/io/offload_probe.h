#pragma once

// The start-up self-test: which offloads this kernel really does right. Kernels have shipped that
// accept an offload and then mangle or refuse packets, so each is proven with real packets over a
// TUN interface and sockets in a network namespace of its own, and left out when it fails.
//
// Takes some tens of milliseconds. Thread: start-up; starts one thread and ends it.

#include "io/offloads.h"

namespace phantom::io {

// Spoils what the self-test sends, so that a test can see it notice.
struct ProbeFaults {
    bool tso = false;
    bool uso = false;
    bool gso = false;
    bool gro = false;
};

// `wanted` less what failed; each loss is logged with its reason. Where the namespace cannot be
// made (no CAP_SYS_ADMIN), nothing is proven: what the kernel accepts is used, and the run-time
// fall-backs of the data plane are what is left.
[[nodiscard]] Offloads prove_offloads(const Offloads& wanted, const ProbeFaults& faults = {});

}  // namespace phantom::io
