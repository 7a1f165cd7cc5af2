#include "daemon/startup.h"

#include <algorithm>
#include <csignal>
#include <thread>

#include <sys/signalfd.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/errors.h"
#include "dataplane/tunnel.h"
#include "io/link.h"

namespace phantom::daemon {

namespace {

// Shards beyond this gain nothing for one machine's traffic and cost memory each.
constexpr unsigned kDefaultShardCountMax = 8;

// One core is left to the kernel, the applications and the control thread.
unsigned default_shard_count() {
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    return std::clamp(cores - 1, 1U, kDefaultShardCountMax);
}

Result<io::Tun> prepare(io::Tun tun, const io::Offloads& offloads, std::uint32_t mtu) {
    const int fd = tun.queues.front().fd();
    PM_TRY(io::set_mtu(fd, mtu));
    // A full GSO send of MTU-sized packets, so that one super-packet out of the TUN is one send.
    const auto segments = std::min<std::size_t>(
        offloads.gso_segments_max, io::kDatagramSizeMax / (mtu + wire::kTransportOverhead)
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

Result<io::Fd> take(std::initializer_list<int> numbers) {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : numbers) {
        sigaddset(&signals, number);
    }
    if (pthread_sigmask(SIG_BLOCK, &signals, nullptr) != 0) {
        return fail(DaemonError::kSignals);
    }
    io::Fd fd(signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
    if (!fd.valid()) {
        return fail(DaemonError::kSignals);
    }
    return fd;
}

}  // namespace

Result<io::Tun> make_tun(
    const std::string& name, std::optional<unsigned> shard_count, const io::Offloads& offloads,
    std::uint32_t mtu
) {
    const unsigned count = shard_count.value_or(default_shard_count());
    return prepare(PM_TRY(io::Tun::create(name, count, offloads)), offloads, mtu);
}

Result<io::Tun> adopt_tun(int fd, const io::Offloads& offloads) {
    return prepare(PM_TRY(io::Tun::adopt(fd, offloads)), offloads, dataplane::kDefaultMtu);
}

Result<io::Fd> take_signals() {
    return take({SIGINT, SIGTERM});
}

Result<io::Fd> take_hangup() {
    return take({SIGHUP});
}

void drain_signals(int fd) {
    signalfd_siginfo news{};
    while (read(fd, &news, sizeof news) > 0) {
    }
}

OwnedFile::~OwnedFile() {
    if (!path_.empty()) {
        (void)unlink(path_.c_str());
    }
}

}  // namespace phantom::daemon
