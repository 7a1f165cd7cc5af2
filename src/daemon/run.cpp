// A mesh node from start to end:
//   1. what the command line asks for: make a mesh, join one, or go on       prepare
//   2. interface, tunnel, event loop                                          Running
//   3. join: ask the introducer until it knows us                             join
//   4. addresses, the node, the control socket; then ready                    serve
//   5. until a signal, "down", a revocation, or the interface's end           loop_until

#include "daemon/run.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/noise.h"
#include "daemon/background.h"
#include "daemon/free_places.h"
#include "daemon/mesh_join.h"
#include "daemon/node_service.h"
#include "daemon/notify.h"
#include "daemon/privileges.h"
#include "daemon/startup.h"
#include "daemon/uapi_socket.h"
#include "io/link.h"
#include "io/offload_probe.h"
#include "io/thread_turns.h"

namespace phantom::daemon {

namespace {

constexpr std::uint8_t kOverlayV6Prefix = 64;
constexpr std::uint8_t kOverlayV4Prefix = 10;
constexpr mode_t kRunDirMode = 0755;
// The least that IPv6 allows: with a relay's session around it a packet still fits a path of 1,500
// bytes, and with one around it even one of 1,400.
constexpr std::uint32_t kMeshMtu = 1280;

// What decides is asked at once, handshakes and blocks above all, also where packets want every core.
constexpr Duration kControlTurn = std::chrono::microseconds(100);

constexpr Duration kAllPeersPatience = std::chrono::seconds(3);

using Problem = std::optional<std::string>;

Problem problem_of(const Status& status, const std::string& what) {
    return status ? std::nullopt : Problem(what + ": " + status.error().message());
}

// The tunnel and the loop it lives in.
struct Running {
    io::EventLoop loop;
    SystemRandom random;
    std::unique_ptr<dataplane::Tunnel> tunnel;
    int tun_fd = -1;
    io::Fd signals;
    io::Fd hangup;
    bool udp_is_blocked = false;  // this node was admitted over TCP
    bool stop = false;
    bool reload = false;
};

Problem start_tunnel(Running& running, const std::string& interface) {
    const io::Offloads offloads = io::prove_offloads({});
    auto tun = make_tun(interface, std::nullopt, offloads, kMeshMtu);
    if (!tun) {
        return fmt::format(
            "interface {}: {}. Is another node running? Choose another name with --interface.",
            interface, tun.error().message()
        );
    }
    running.tun_fd = tun->queues.front().fd();
    running.tunnel = std::make_unique<dataplane::Tunnel>(
        std::move(*tun), dataplane::TunnelOptions{.offloads = offloads}, running.loop,
        running.random
    );
    // Before the shards start, and before anything is heard from the network.
    drop_privileges();
    if (auto problem = problem_of(running.tunnel->start(), "tunnel")) {
        return problem;
    }
    return problem_of(io::bring_up(running.tun_fd), interface);
}

// Runs the loop, with `tick` in every turn, until `done` or the end of everything.
Status loop_until(
    Running& running, const std::function<Instant()>& deadline, const std::function<void()>& tick,
    const std::function<bool()>& done
) {
    while (!running.stop && !running.tunnel->finished() && !done()) {
        const Instant next = std::min(running.tunnel->deadline(), deadline());
        PM_TRY(running.loop.run_once(std::max(Duration(0), next - monotonic_now())));
        running.tunnel->tick();
        tick();
    }
    return {};
}

OrSentence<identity::JoinToken> read_token() {
    std::string text;
    std::cin >> text;
    const auto token = identity::JoinToken::parse(text, unix_now());
    crypto::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    if (!token) {
        return std::unexpected(
            fmt::format("the token is no good: {}. Nothing was changed.", token.error().what())
        );
    }
    return *token;
}

OrSentence<MeshState> join(Running& running, const RunOptions& options) {
    const auto token = read_token();
    if (!token) {
        return std::unexpected(token.error());
    }
    auto name = choose_name(options.name);
    if (!name) {
        return std::unexpected(name.error());
    }
    auto fresh = open_fresh(options, running.random);
    if (!fresh) {
        return std::unexpected(fresh.error());
    }
    if (auto problem = start_tunnel(running, options.interface)) {
        return std::unexpected(std::move(*problem));
    }
    MeshJoin joining(*token, *fresh->keys, *name, *running.tunnel);
    if (auto problem = joining.start(options.listen_port)) {
        return std::unexpected(std::move(*problem));
    }
    const Status looped = loop_until(
        running, [&] { return joining.deadline(); }, [&] { joining.tick(); },
        [&] { return joining.admission() || joining.failure(); }
    );
    const std::optional<MeshJoin::Admission>& admitted = joining.admission();
    if (!admitted) {
        return std::unexpected(
            joining.failure().value_or(looped ? "interrupted" : "the loop failed")
        );
    }
    running.udp_is_blocked = joining.is_carried();
    return take_place(
        std::move(*fresh), options, admitted->root, admitted->self, admitted->introducer
    );
}

OrSentence<MeshState> prepare(Running& running, const RunOptions& options) {
    if (options.join) {
        return join(running, options);
    }
    auto state = options.init ? make_mesh(options, running.random) : load_state(options);
    if (state) {
        if (auto problem = start_tunnel(running, state->membership.interface)) {
            return std::unexpected(std::move(*problem));
        }
    }
    return state;
}

// Where another mesh, or Tailscale, has the range already, this mesh goes without: its root could give
// away the other's addresses.
bool has_v4(const MeshState& state, const RunOptions& options) {
    if (!options.ipv4 || state.self.certificate.overlay_v4.is_none()) {
        return false;
    }
    const std::string other = other_owner_of_overlay_v4(state.membership.interface);
    if (!other.empty()) {
        log::warning("{} has an address of 100.64.0.0/10 already: IPv6 alone in this mesh", other);
    }
    return other.empty();
}

Problem add_addresses(const Running& running, const identity::MemberRecord& self, bool with_v4) {
    auto problem = problem_of(
        io::add_address(running.tun_fd, self.descriptor.overlay_v6(), kOverlayV6Prefix), "IPv6"
    );
    if (problem) {
        log::warning("no IPv6 inside the mesh: {}", *problem);
    }
    if (!with_v4) {
        return std::nullopt;
    }
    return problem_of(
        io::add_address(running.tun_fd, self.certificate.overlay_v4, kOverlayV4Prefix), "IPv4"
    );
}

OrSentence<io::Fd> listen(const RunOptions& options) {
    (void)mkdir(options.run_dir.c_str(), kRunDirMode);
    auto listener = listen_owner_only(options.socket_path());
    if (!listener) {
        return std::unexpected(fmt::format(
            "{}: {}", options.socket_path(),
            listener.error().is(DaemonError::kSocketInUse)
                ? "another node runs here; give this one a --run-dir of its own"
                : listener.error().message()
        ));
    }
    return std::move(*listener);
}

// SIGHUP; docs/systemd.md has the list.
void reload(const RunOptions& options, const Background& background, NodeService& service) {
    notify_reloading();
    background.reopen_log(options.log_path());
    std::string word;
    const bool given = static_cast<bool>(std::ifstream(options.level_path()) >> word);
    log::configure(given ? parse_level(word) : options.log_level, service.interface());
    service.reload();
    log::info(
        "reloaded: log level {}, log file, endpoints, dns, alerts", given ? word : "as at the start"
    );
    notify_ready();
}

// Who has just joined waits for its peers: shortly for all, longer for the first.
bool is_ready(const RunOptions& options, const MeshNode& node, Duration waited) {
    return !options.join || node.complete() || waited >= kJoinTimeout ||
           (node.ready() && waited >= kAllPeersPatience);
}

void tell_ready(const RunOptions& options, Background& background, NodeService& service) {
    service.set_started();
    background.ready(options.log_path());
    log::configure(options.log_level, service.interface());
    log::info("ready");
    notify_ready();
}

Problem serve(
    Running& running, MeshState state, const RunOptions& options, Background& background
) {
    const bool with_v4 = has_v4(state, options);
    if (auto problem = add_addresses(running, state.self, with_v4)) {
        return problem;
    }
    auto listener = listen(options);
    if (!listener) {
        return listener.error();
    }
    const OwnedFile socket_file(options.socket_path());
    const OwnedFile pid_file(options.pid_path());
    std::ofstream(options.pid_path()) << getpid() << "\n";
    NodeService service(
        std::move(state), std::move(*listener), options,
        {.tunnel = *running.tunnel,
         .tun_fd = running.tun_fd,
         .loop = running.loop,
         .random = running.random,
         .stop = running.stop,
         .udp_is_blocked = running.udp_is_blocked,
         .has_v4 = with_v4}
    );
    if (auto problem = service.start(options)) {
        return problem;
    }
    io::ask_for_turns_of(kControlTurn
    );  // after the shards and what else has threads: theirs stay long
    const Instant began = monotonic_now();
    const auto tick = [&] {
        if (std::exchange(running.reload, false)) {
            reload(options, background, service);
        }
        service.tick();
        if (!service.started() && is_ready(options, service.node(), monotonic_now() - began)) {
            tell_ready(options, background, service);
        }
    };
    const Status looped = loop_until(
        running, [&] { return service.deadline(); }, tick, [&] { return service.node().revoked(); }
    );
    notify_stopping();
    service.stop();
    log::info("ending; {}", running.tunnel->counters_text());
    return problem_of(looped, "event loop");
}

// A new node takes what is free.
RunOptions with_places(RunOptions options) {
    if (options.init || options.join) {
        options.interface = options.interface.empty() ? free_interface() : options.interface;
        options.listen_port = options.listen_port == 0 ? free_udp_port() : options.listen_port;
    }
    return options;
}

Problem run(const RunOptions& asked) {
    if (auto problem = problem_of(crypto::check_library(), "OpenSSL")) {
        return problem;
    }
    if (!asked.endpoint.empty() && !identity::TokenEndpoint::parse(asked.endpoint)) {
        return fmt::format("--endpoint '{}': HOST:PORT is needed", asked.endpoint);
    }
    Background background;
    if (asked.background) {
        const auto verdict = Background::enter(background, false);
        if (!verdict) {
            return verdict.error().message();
        }
        const std::optional<int>& status = *verdict;
        if (status) {
            std::exit(*status);  // the parent's work is done
        }
    }
    const RunOptions options = with_places(asked);
    auto loop = io::EventLoop::create();
    auto signals = take_signals();
    auto hangup = take_hangup();
    if (!loop || !signals || !hangup) {
        return "cannot start the event loop";
    }
    Running running{
        .loop = std::move(*loop),
        .random = {},
        .tunnel = {},
        .signals = std::move(*signals),
        .hangup = std::move(*hangup),
    };
    const auto hung_up = [&running] {
        drain_signals(running.hangup.get());
        running.reload = true;
    };
    if (auto problem = problem_of(running.loop.add(running.hangup.get(), hung_up), "signals")) {
        return problem;
    }
    if (auto problem = problem_of(
            running.loop.add(running.signals.get(), [&running] { running.stop = true; }), "signals"
        )) {
        return problem;
    }
    auto state = prepare(running, options);
    if (!state) {
        return state.error();
    }
    return serve(running, std::move(*state), options, background);
}

}  // namespace

int run_node(const RunOptions& options) {
    // Whoever waits at the terminal wants to hear of errors only.
    const bool quiet = options.background && !options.log_level_given;
    log::configure(quiet ? log::Level::kError : options.log_level, "phantomd", options.log_format);
    if (const Problem problem = run(options)) {
        (void)std::fputs(fmt::format("phantomd: {}\n", *problem).c_str(), stderr);
        return 1;
    }
    return 0;
}

}  // namespace phantom::daemon
