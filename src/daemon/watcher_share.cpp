#include "daemon/watcher_share.h"

namespace phantom::daemon {

bool WatcherShare::is_full(Duration used, Instant now) {
    if (now >= end_of_window()) {
        began_ = now;
        used_before_ = used;
    }
    return used - used_before_ < kFull;
}

}  // namespace phantom::daemon
