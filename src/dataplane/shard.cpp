#include "dataplane/shard.h"

#include <array>
#include <cerrno>
#include <utility>

#include <pthread.h>
#include <sys/epoll.h>

namespace phantom::dataplane {

namespace {

enum Source : std::uint32_t { kTun, kUdpV4, kUdpV6, kCommands };

Status watch(int epoll, int fd, Source source) {
    epoll_event event{.events = EPOLLIN, .data = {.u32 = source}};
    if (fd >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        return io::fail_errno(io::IoError::kEpoll);
    }
    return {};
}

}  // namespace

Shard::Shard(Options options)
    : published_(options.published),
      quiescence_(options.quiescence),
      inbox_(wake_),
      tap_(options.tap, options.access.hash),
      context_{
          .index = options.index,
          .tun = options.tun,
          .udp = nullptr,
          .aead = std::move(options.aead),
          .tun_offloads = options.tun_offloads,
          .now = {},
          .mtu = 0,
          .forwarding = nullptr,
          .access = AccessFilter(options.access),
          .tap = tap_,
          .inboxes = options.inboxes,
          .handshakes = handshakes_,
          .reports = reports_,
          .controls = controls_,
          .control_wake = options.control_wake,
          .control_signalled = options.control_signalled,
          .counters = counters_,
      },
      outbound_(context_),
      inbound_(context_, outbound_),
      epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

Shard::~Shard() {
    if (thread_.joinable()) {
        post({.kind = Command::Kind::kStop});
        thread_.join();
    }
}

Status Shard::start() {
    PM_TRY(watch(epoll_.get(), wake_.fd(), kCommands));
    PM_TRY(watch(epoll_.get(), context_.tun.fd(), kTun));
    thread_ = std::thread([this] { run(); });
    pthread_setname_np(
        thread_.native_handle(), ("shard-" + std::to_string(context_.index)).c_str()
    );
    return {};
}

void Shard::run() {
    quiescence_.wake(context_.index);
    bool busy = false;
    while (!stopping_ && !tun_gone_.load(std::memory_order_relaxed)) {
        wait_for_work(!busy);
        take_commands();
        busy = serve();
    }
    quiescence_.sleep(context_.index);
    {
        const std::scoped_lock lock(command_mutex_);
        ended_ = true;
    }
    command_done_.notify_all();
    context_.signal_control();
}

// Between two batches: nothing published is held here, so it is the quiescent point.
void Shard::wait_for_work(bool block) {
    std::array<epoll_event, 8> events;
    if (block) {
        quiescence_.sleep(context_.index);
    }
    const int count =
        epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), block ? -1 : 0);
    if (block) {
        quiescence_.wake(context_.index);
    } else {
        quiescence_.pass(context_.index);
    }
    for (int index = 0; index < count; ++index) {
        switch (events[static_cast<std::size_t>(index)].data.u32) {
            case kTun:
                tun_ready_ = true;
                break;
            case kUdpV4:
                v4_ready_ = true;
                break;
            case kUdpV6:
                v6_ready_ = true;
                break;
            default:
                wake_.drain();
                relayed_ready_ = true;
                break;
        }
    }
}

void Shard::begin_batch() {
    context_.now = monotonic_now();
    context_.mtu = published_.mtu.load(std::memory_order_relaxed);
    context_.forwarding = published_.forwarding.load(std::memory_order_acquire);
    context_.tap.begin_batch();
    context_.access.begin_batch(published_.access.load(std::memory_order_acquire), context_.now);
}

// One batch of each source that is ready. True: some source may have more.
bool Shard::serve() {
    begin_batch();
    const auto serve_socket = [this](bool& ready, int fd) {
        if (!ready) {
            return;
        }
        const auto more = inbound_.run(fd);
        ready = more.value_or(false);
        if (!more) {
            tun_gone_.store(true, std::memory_order_release);
        }
    };
    if (context_.udp != nullptr) {
        serve_socket(v4_ready_, context_.udp->fd_v4());
        serve_socket(v6_ready_, context_.udp->fd_v6());
    }
    if (relayed_ready_) {
        relayed_ready_ = false;
        if (!inbound_.run_relayed(inbox_)) {
            tun_gone_.store(true, std::memory_order_release);
        }
    }
    if (tun_ready_) {
        const auto more = outbound_.run();
        tun_ready_ = more.value_or(false);
        if (!more) {
            tun_gone_.store(true, std::memory_order_release);
        }
    }
    context_.tap.end_batch();
    return tun_ready_ || v4_ready_ || v6_ready_;
}

void Shard::take_commands() {
    if (!commands_waiting_.load(std::memory_order_acquire)) {
        return;
    }
    std::vector<Command> commands;
    {
        const std::scoped_lock lock(command_mutex_);
        commands.swap(commands_);
        commands_waiting_.store(false, std::memory_order_release);
    }
    begin_batch();
    for (const Command& command : commands) {
        execute(command);
    }
    {
        const std::scoped_lock lock(command_mutex_);
        commands_taken_ += commands.size();
    }
    command_done_.notify_all();
}

void Shard::execute(const Command& command) {
    switch (command.kind) {
        case Command::Kind::kSetSocket:
            watch_socket(command.socket);
            break;
        case Command::Kind::kSendStaged:
            outbound_.send_staged(command.peer);
            break;
        case Command::Kind::kDropStaged:
            outbound_.drop_staged(command.peer);
            break;
        case Command::Kind::kStop:
            stopping_ = true;
            break;
    }
}

void Shard::watch_socket(io::UdpSocket* socket) {
    if (context_.udp != nullptr) {
        for (const int fd : {context_.udp->fd_v4(), context_.udp->fd_v6()}) {
            if (fd >= 0) {
                (void)epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
            }
        }
    }
    v4_ready_ = false;
    v6_ready_ = false;
    context_.udp = socket;
    if (socket != nullptr) {
        (void)watch(epoll_.get(), socket->fd_v4(), kUdpV4);
        (void)watch(epoll_.get(), socket->fd_v6(), kUdpV6);
    }
}

void Shard::post(const Command& command) {
    {
        const std::scoped_lock lock(command_mutex_);
        commands_.push_back(command);
        ++commands_posted_;
        commands_waiting_.store(true, std::memory_order_release);
    }
    wake_.signal();
}

void Shard::set_socket(io::UdpSocket* socket) {
    post({.kind = Command::Kind::kSetSocket, .socket = socket});
    std::unique_lock lock(command_mutex_);
    const std::uint64_t mine = commands_posted_;
    command_done_.wait(lock, [&] { return ended_ || commands_taken_ >= mine; });
}

void Shard::send_staged(wireguard::PeerId peer) {
    post({.kind = Command::Kind::kSendStaged, .peer = peer});
}

void Shard::drop_staged(wireguard::PeerId peer) {
    post({.kind = Command::Kind::kDropStaged, .peer = peer});
}

}  // namespace phantom::dataplane
