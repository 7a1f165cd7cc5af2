#pragma once

// What the command line and the environment ask of phantomd: the same as of wireguard-go, so that
// wg-quick and scripts can name either.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/log.h"
#include "io/offloads.h"

namespace phantom::daemon {

struct Options {
    std::string interface;
    bool foreground = false;
    bool log_level_given = false;
    log::Level log_level = log::Level::kInfo;
    std::optional<int> tun_fd;            // WG_TUN_FD
    std::optional<int> uapi_fd;           // WG_UAPI_FD
    io::Offloads offloads;                // PHANTOM_OFFLOADS="-gso,-uso": do without these
    std::optional<unsigned> shard_count;  // PHANTOM_SHARDS
};

struct ParsedOptions {
    std::optional<Options> options;
    // Without options: what to print, and the exit status to end with.
    std::string text;
    int exit_status = 0;
};

// What --help prints.
[[nodiscard]] std::string_view usage_text();

// "verbose", "error", "silent"; anything else is the default.
[[nodiscard]] log::Level parse_level(std::string_view text);

using Environment = const char* (*)(const char* name);

// `arguments` without the program's name.
[[nodiscard]] ParsedOptions parse_options(
    std::span<const char* const> arguments, Environment environment
);

}  // namespace phantom::daemon
