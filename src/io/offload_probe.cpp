#include "io/offload_probe.h"

namespace phantom::io {

Offloads prove_offloads(const Offloads& wanted) {
    return wanted;
}

}  // namespace phantom::io
