#pragma once

// What `phantomd run` is asked: to be a node of a mesh.

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/log.h"
#include "daemon/options.h"
#include "wire/address.h"

namespace phantom::daemon {

struct RunOptions {
    std::string state_dir = "/var/lib/phantommesh";
    std::string run_dir = "/run/phantommesh";
    bool background = false;
    bool init = false;              // make a mesh first
    bool join = false;              // read a token from standard input, and join its mesh first
    std::string name;               // empty: the host's
    std::string interface;          // empty: as last time, or the first that is free
    std::uint16_t listen_port = 0;  // 0: as last time, or the first that is free
    std::string endpoint;
    std::optional<bool> relay;  // none: as last time; a new node is willing
    // TCP, 0 for off; none: as last time, or 443.
    std::optional<std::uint16_t> carrier_port;
    // HTTPS, port 0 for off; none: as last time, or 127.0.0.1:8443.
    std::optional<wire::SocketAddress> api;
    // A collector's URL, or "off"; none: as last time, or off.
    std::optional<std::string> traces;
    bool ipv4 = true;           // inside the mesh; a machine's second mesh goes without
    bool port_mapping = true;   // ask the router for a way in
    bool lan_discovery = true;  // say hello on the local network
    // What `phantom dns on` changes where systemd-resolved is not in charge.
    std::string resolv_conf = "/etc/resolv.conf";
    log::Level log_level = log::Level::kInfo;
    bool log_level_given = false;
    log::Format log_format = log::Format::kText;

    [[nodiscard]] std::string socket_path() const { return run_dir + "/phantomd.sock"; }
    [[nodiscard]] std::string log_path() const { return run_dir + "/phantomd.log"; }
    [[nodiscard]] std::string level_path() const { return run_dir + "/log_level"; }
    [[nodiscard]] std::string pid_path() const { return run_dir + "/phantomd.pid"; }
};

inline constexpr const char* kDefaultInterface = "phantom0";
inline constexpr std::uint16_t kDefaultListenPort = 51'820;

struct ParsedRunOptions {
    std::optional<RunOptions> options;
    // Without options: what to print, and the exit status to end with.
    std::string text;
    int exit_status = 0;
};

// `arguments` after "run".
[[nodiscard]] ParsedRunOptions parse_run_options(
    std::span<const char* const> arguments, Environment environment
);

}  // namespace phantom::daemon
