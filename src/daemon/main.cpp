// phantomd: reads what it is asked, builds the interface, the control socket and the tunnel, and
// runs them until one of them is gone or a signal ends it.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <unistd.h>

#include "base/log.h"
#include "crypto/noise.h"
#include "daemon/background.h"
#include "daemon/options.h"
#include "daemon/privileges.h"
#include "daemon/run.h"
#include "daemon/startup.h"
#include "daemon/uapi_server.h"
#include "daemon/uapi_socket.h"
#include "dataplane/tunnel.h"
#include "io/event_loop.h"
#include "io/offload_probe.h"
#include "io/tun.h"

namespace phantom::daemon {
namespace {

Status run_until_done(dataplane::Tunnel& tunnel, io::EventLoop& loop, const bool& done) {
    while (!done && !tunnel.finished()) {
        const Instant deadline = tunnel.deadline();
        const Duration timeout = deadline == kFarFuture
                                     ? Duration(-1)
                                     : std::max(Duration(0), deadline - monotonic_now());
        PM_TRY(loop.run_once(timeout));
        tunnel.tick();
    }
    return {};
}

Result<int> serve(const Options& options) {
    PM_TRY(crypto::check_library());
    const io::Offloads offloads = io::prove_offloads(options.offloads);
    io::Tun tun = PM_TRY(
        options.tun_fd ? adopt_tun(*options.tun_fd, offloads)
                       : make_tun(options.interface, options.shard_count, offloads)
    );
    const std::string interface = tun.name;
    log::configure(options.log_level, interface);

    io::Fd listener;
    OwnedFile socket_file(uapi_path(interface));
    if (options.uapi_fd) {
        listener = PM_TRY(adopt_uapi(*options.uapi_fd));
    } else if (auto listening = listen_uapi(socket_file.path()); listening) {
        listener = std::move(*listening);
    } else {
        socket_file.release();
        return std::unexpected(listening.error());
    }

    Background background;
    if (!options.foreground) {
        const auto verdict = PM_TRY(Background::enter(background, options.log_level_given));
        if (verdict) {
            socket_file.release();
            return *verdict;
        }
    }

    auto loop = PM_TRY(io::EventLoop::create());
    bool done = false;
    const io::Fd signals = PM_TRY(take_signals());
    PM_TRY(loop.add(signals.get(), [&done] { done = true; }));
    io::Fd removal;
    if (auto watch = watch_removal(socket_file.path()); watch) {
        removal = std::move(*watch);
        PM_TRY(loop.add(removal.get(), [&] {
            done = done || socket_removed(removal.get(), socket_file.path());
        }));
    } else if (!options.uapi_fd) {
        return std::unexpected(watch.error());
    }

    // Before the shards start, so that they inherit it.
    drop_privileges();
    SystemRandom random;
    dataplane::Tunnel tunnel(std::move(tun), {.offloads = offloads}, loop, random);
    PM_TRY(tunnel.start());
    UapiServer server(
        std::move(listener),
        {
            .apply = [&](const wireguard::DeviceUpdate& update) { return tunnel.apply(update); },
            .describe =
                [&] {
                    const dataplane::TunnelStatus status = tunnel.status();
                    return wireguard::format_get(
                        status.device, {.listen_port = status.listen_port, .fwmark = status.fwmark}
                    );
                },
        },
        loop
    );
    PM_TRY(server.start());
    log::info("interface {} is ready, offloads: {}", interface, tunnel.offloads().to_string());
    background.ready();
    PM_TRY(run_until_done(tunnel, loop, done));
    log::info("ending, offloads: {}; {}", tunnel.offloads().to_string(), tunnel.counters_text());
    return 0;
}

}  // namespace
}  // namespace phantom::daemon

int main(int argc, char** argv) {
    using namespace phantom;
    const daemon::Environment environment = [](const char* name) -> const char* {
        return std::getenv(name);
    };
    const std::span<const char* const> arguments(
        argv + 1, static_cast<std::size_t>(std::max(argc - 1, 0))
    );
    if (!arguments.empty() && std::string_view(arguments.front()) == "run") {
        const auto asked = daemon::parse_run_options(arguments.subspan(1), environment);
        if (!asked.options) {
            (void)std::fputs(asked.text.c_str(), asked.exit_status == 0 ? stdout : stderr);
            return asked.exit_status;
        }
        daemon::protect_memory();
        return daemon::run_node(*asked.options);
    }
    const auto parsed = daemon::parse_options(arguments, environment);
    if (!parsed.options) {
        (void)std::fputs(parsed.text.c_str(), parsed.exit_status == 0 ? stdout : stderr);
        return parsed.exit_status;
    }
    log::configure(parsed.options->log_level, parsed.options->interface);
    daemon::protect_memory();
    const auto status = daemon::serve(*parsed.options);
    if (!status) {
        log::error("{}", status.error().message());
        return 1;
    }
    return *status;
}
