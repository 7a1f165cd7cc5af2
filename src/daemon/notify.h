#pragma once

// What a service manager wants to know, over the socket that it names in $NOTIFY_SOCKET; nothing where
// it names none. Source: sd_notify(3), "Notes": the protocol is stable.

#include <string_view>

namespace phantom::daemon {

void notify_ready();
// Until the next notify_ready().
void notify_reloading();
void notify_stopping();

}  // namespace phantom::daemon
