// phantomd: reads what it is asked, builds the interface, the control socket and the tunnel, and
// runs them until one of them is gone or a signal ends it.

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <sys/signalfd.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/noise.h"
#include "daemon/background.h"
#include "daemon/options.h"
#include "daemon/privileges.h"
#include "daemon/uapi_server.h"
#include "daemon/uapi_socket.h"
#include "dataplane/tunnel.h"
#include "io/event_loop.h"
#include "io/link.h"
#include "io/offload_probe.h"
#include "io/tun.h"

namespace phantom::daemon {
namespace {

// Shards beyond this gain nothing for one machine's traffic and cost memory each.
constexpr unsigned kDefaultShardCountMax = 8;

// One core is left to the kernel, the applications and the control thread.
unsigned default_shard_count() {
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    return std::clamp(cores - 1, 1U, kDefaultShardCountMax);
}

Result<io::Tun> open_tun(const Options& options, const io::Offloads& offloads) {
    const unsigned shard_count = options.shard_count.value_or(default_shard_count());
    auto tun = PM_TRY(
        options.tun_fd ? io::Tun::adopt(*options.tun_fd, offloads)
                       : io::Tun::create(options.interface, shard_count, offloads)
    );
    const int fd = tun.queues.front().fd();
    PM_TRY(io::set_mtu(fd, dataplane::kDefaultMtu));
    // A full GSO send of MTU-sized packets, so that one super-packet out of the TUN is one send.
    const auto segments = std::min<std::size_t>(
        offloads.gso_segments_max,
        io::kDatagramSizeMax / (dataplane::kDefaultMtu + wire::kTransportOverhead)
    );
    const auto limits = io::set_queue_limits(
        fd,
        {
            .transmit_queue_length = dataplane::kTransmitQueueLength,
            .gso_segments_max = static_cast<std::uint32_t>(segments),
        }
    );
    if (!limits) {
        log::debug("queue limits stay at the kernel's: {}", limits.error().message());
    }
    return tun;
}

Result<io::Fd> take_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    if (pthread_sigmask(SIG_BLOCK, &signals, nullptr) != 0) {
        return fail(DaemonError::kSignals);
    }
    io::Fd fd(signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
    if (!fd.valid()) {
        return fail(DaemonError::kSignals);
    }
    return fd;
}

// Removed when the daemon ends, unless somebody put another one in its place.
class SocketFile {
  public:
    explicit SocketFile(std::string path) : path_(std::move(path)) {}
    ~SocketFile() {
        if (!path_.empty()) {
            (void)unlink(path_.c_str());
        }
    }
    SocketFile(const SocketFile&) = delete;
    SocketFile& operator=(const SocketFile&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }
    // It belongs to the process that goes on, or it is gone already.
    void release() { path_.clear(); }

  private:
    std::string path_;
};

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
    io::Tun tun = PM_TRY(open_tun(options, offloads));
    const std::string interface = tun.name;
    log::configure(options.log_level, interface);

    io::Fd listener;
    SocketFile socket_file(uapi_path(interface));
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
    const auto parsed = daemon::parse_options(
        {argv + 1, static_cast<std::size_t>(std::max(argc - 1, 0))},
        [](const char* name) -> const char* { return std::getenv(name); }
    );
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
