#pragma once

// How soon, and how much, a thread gets the processor among others that want it. Each call is for the thread
// that makes it; what the kernel refuses changes nothing.

#include "base/clock.h"

namespace phantom::io {

// A thread that waits and then has little to do begins it sooner; its share stays what it was. The kernel takes
// 0.1 to 100 ms (sched_setattr(2), sched_runtime of SCHED_OTHER, since Linux 6.12); before that nothing happens.
void ask_for_turns_of(Duration length);

// nice(1)
inline constexpr int kFullShare = 0;
inline constexpr int kLeastShare = 19;
void take_share(int nice);

// Once, while the process is privileged: its threads may go from a lesser share back to a full one.
void allow_full_share();

}  // namespace phantom::io
