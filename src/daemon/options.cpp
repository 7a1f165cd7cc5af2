#include "daemon/options.h"

#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include "wireguard/constants.h"

namespace phantom::daemon {

namespace {

constexpr std::string_view kUsage = R"(Usage: phantomd [-f | --foreground] INTERFACE
       phantomd run [OPTIONS]                    a node of a mesh: see 'phantomd run --help'

A user-space WireGuard daemon: makes the TUN interface INTERFACE and serves `wg` on
/var/run/wireguard/INTERFACE.sock. Ends when the interface or the socket is deleted.

  -f, --foreground   stay in the foreground, log to standard error
  -V, --version      print the version
  -h, --help         print this

Environment:
  LOG_LEVEL                  verbose, info (default), error or silent
  WG_PROCESS_FOREGROUND=1    the same as -f
  WG_TUN_FD, WG_UAPI_FD      use these open descriptors
  PHANTOM_OFFLOADS           offloads to do without, of -tso,-uso,-gso,-gro
  PHANTOM_SHARDS             packet threads, 1 to 64 (default: by processor count)

Examples:
  phantomd wg0 && wg setconf wg0 wg0.conf && ip link set wg0 up
  WG_QUICK_USERSPACE_IMPLEMENTATION=phantomd wg-quick up wg0
)";

constexpr std::size_t kInterfaceNameSizeMax = 15;

ParsedOptions refuse(std::string reason) {
    return {
        .options = std::nullopt,
        .text = fmt::format("phantomd: {}\nTry 'phantomd --help'.\n", reason),
        .exit_status = 1
    };
}

std::optional<int> parse_number(std::string_view text, int min, int max) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < min || value > max) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

std::string_view usage_text() {
    return kUsage;
}

log::Level parse_level(std::string_view text) {
    if (text == "verbose" || text == "debug") {
        return log::Level::kDebug;
    }
    if (text == "error") {
        return log::Level::kError;
    }
    if (text == "silent") {
        return log::Level::kSilent;
    }
    return log::Level::kInfo;
}

namespace {

// Empty, or why it was refused.
std::string read_environment(Options& options, Environment environment) {
    if (const char* level = environment("LOG_LEVEL"); level != nullptr && *level != '\0') {
        options.log_level_given = true;
        options.log_level = parse_level(level);
    }
    if (const char* value = environment("WG_PROCESS_FOREGROUND"); value != nullptr) {
        options.foreground = options.foreground || std::string_view(value) == "1";
    }
    struct Descriptor {
        const char* name;
        std::optional<int>& fd;
    };
    for (const auto& [name, fd] :
         {Descriptor{"WG_TUN_FD", options.tun_fd}, Descriptor{"WG_UAPI_FD", options.uapi_fd}}) {
        const char* value = environment(name);
        if (value == nullptr || *value == '\0') {
            continue;
        }
        constexpr int kFdMax = 1 << 20;
        fd = parse_number(value, 0, kFdMax);
        if (!fd) {
            return fmt::format("{}='{}' is not a descriptor number", name, value);
        }
    }
    if (const char* value = environment("PHANTOM_OFFLOADS"); value != nullptr) {
        if (!options.offloads.restrict_by(value)) {
            return fmt::format("PHANTOM_OFFLOADS='{}': use any of -tso,-uso,-gso,-gro", value);
        }
    }
    if (const char* value = environment("PHANTOM_SHARDS"); value != nullptr) {
        const auto count = parse_number(value, 1, wireguard::kShardCountMax);
        if (!count) {
            return fmt::format(
                "PHANTOM_SHARDS='{}' is not a number from 1 to {}", value, wireguard::kShardCountMax
            );
        }
        options.shard_count = static_cast<unsigned>(*count);
    }
    return {};
}

}  // namespace

ParsedOptions parse_options(std::span<const char* const> arguments, Environment environment) {
    Options options;
    for (const std::string_view argument : arguments) {
        if (argument == "-h" || argument == "--help") {
            return {.options = std::nullopt, .text = std::string(kUsage), .exit_status = 0};
        }
        if (argument == "-V" || argument == "--version") {
            return {.options = std::nullopt, .text = "phantomd " PM_VERSION "\n", .exit_status = 0};
        }
        if (argument == "-f" || argument == "--foreground") {
            options.foreground = true;
        } else if (argument.starts_with('-')) {
            return refuse(fmt::format("unknown option '{}'", argument));
        } else if (!options.interface.empty()) {
            return refuse(fmt::format("one interface at a time: '{}' is one too many", argument));
        } else {
            options.interface = argument;
        }
    }
    if (options.interface.empty()) {
        return refuse("which interface? For example: phantomd wg0");
    }
    if (options.interface.size() > kInterfaceNameSizeMax ||
        options.interface.find('/') != std::string::npos) {
        return refuse(
            fmt::
                format("'{}' cannot be an interface's name (15 characters at most, no '/')", options.interface)
        );
    }
    if (std::string reason = read_environment(options, environment); !reason.empty()) {
        return refuse(std::move(reason));
    }
    return {.options = std::move(options), .text = {}, .exit_status = 0};
}

}  // namespace phantom::daemon
