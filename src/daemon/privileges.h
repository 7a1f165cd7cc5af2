#pragma once

// What the daemon gives up once it runs as root: every capability but those it still needs.

namespace phantom::daemon {

// Keeps CAP_NET_ADMIN (fwmark and socket buffers change later), CAP_NET_BIND_SERVICE (a listen port
// below 1024 may be set later) and CAP_SYS_ADMIN (setns(2), to follow an interface that is moved to
// another network namespace). All others leave the permitted, effective, inheritable, ambient and
// bounding sets, and no program started from here can gain any. Applies to the calling thread and
// those it starts. A process without capabilities is left as it is.
void drop_privileges();

// No core dumps, no reading of our memory by other processes of this user.
void protect_memory();

}  // namespace phantom::daemon
