#pragma once

// The listening socket that `wg` talks to, /var/run/wireguard/INTERFACE.sock: made for its owner
// only, and watched, because removing it is how one asks a user-space WireGuard to end.

#include <string>

#include "base/result.h"
#include "daemon/errors.h"
#include "io/fd.h"

namespace phantom::daemon {

inline constexpr const char* kUapiDirectory = "/var/run/wireguard";

[[nodiscard]] std::string uapi_path(const std::string& interface);

// A stale socket file (nobody answers) is replaced.
[[nodiscard]] Result<io::Fd> listen_uapi(const std::string& path);

// The same at any path whose directory is there already.
[[nodiscard]] Result<io::Fd> listen_owner_only(const std::string& path);

// A listening socket that a supervisor opened for us (WG_UAPI_FD).
[[nodiscard]] Result<io::Fd> adopt_uapi(int fd);

// Readable when the file at `path` may have been removed; ask socket_removed then.
[[nodiscard]] Result<io::Fd> watch_removal(const std::string& path);
[[nodiscard]] bool socket_removed(int watch_fd, const std::string& path);

}  // namespace phantom::daemon
