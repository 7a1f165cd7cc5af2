#pragma once

// The snapshot that holds, passed between threads: one publishes, others read.

#include "base/published.h"
#include "intel/snapshot.h"

namespace phantom::intel {

using SnapshotBox = Published<Snapshot>;
using SnapshotReader = PublishedReader<Snapshot>;

}  // namespace phantom::intel
