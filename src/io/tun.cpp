#include "io/tun.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>

// Since Linux 6.2; Debian 12's headers are older.
#ifndef TUN_F_USO4
// NOLINTBEGIN(readability-identifier-naming): the kernel's own names
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
// NOLINTEND(readability-identifier-naming)
#endif

namespace phantom::io {

namespace {

constexpr unsigned kTsoFlags = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;
// USO4 without USO6 is refused.
constexpr unsigned kUsoFlags = TUN_F_USO4 | TUN_F_USO6;

Result<Fd> open_queue(ifreq& request) {
    Fd fd(open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (!fd.valid()) {
        return fail_errno(IoError::kTunOpen);
    }
    if (ioctl(fd.get(), TUNSETIFF, &request) < 0) {
        return fail_errno(IoError::kTunCreate);
    }
    return fd;
}

Offloads accept_offloads(std::vector<TunQueue>& queues, Offloads wanted) {
    const auto accepted = [&queues](bool tso, bool uso) {
        for (TunQueue& queue : queues) {
            if (!queue.set_offloads(tso, uso)) {
                return false;
            }
        }
        return true;
    };
    // Kernels before 6.2 refuse USO; whatever is left is asked for again without it.
    if (accepted(wanted.tso, wanted.uso)) {
        return wanted;
    }
    wanted.uso = false;
    if (accepted(wanted.tso, false)) {
        return wanted;
    }
    wanted.tso = false;
    (void)accepted(false, false);
    return wanted;
}

}  // namespace

Result<std::size_t> TunQueue::read(MutableBytes out) {
    std::size_t lead = 0;
    if (!has_vnet_header_) {
        lead = wire::kVnetHeaderSize;
        std::memset(out.data(), 0, lead);
    }
    const ssize_t got = ::read(fd_.get(), out.data() + lead, out.size() - lead);
    if (got > 0) {
        return lead + static_cast<std::size_t>(got);
    }
    if (got == 0 || errno == EAGAIN || errno == EINTR || errno == EIO) {
        return std::size_t{0};  // EIO: the link is down
    }
    return errno == EBADFD ? fail_errno(IoError::kTunGone) : fail_errno(IoError::kTunRead);
}

int TunQueue::write(std::span<const iovec> parts) {
    const bool is_super = parts.size() > 2;
    if (is_super && faults_->super_packet_errno.load(std::memory_order_relaxed) != 0) {
        return faults_->super_packet_errno.load(std::memory_order_relaxed);
    }
    if (!has_vnet_header_) {
        parts = parts.subspan(1);
    }
    const ssize_t written = writev(fd_.get(), parts.data(), static_cast<int>(parts.size()));
    return written < 0 ? errno : 0;
}

Status TunQueue::set_offloads(bool tso, bool uso) {
    if (!has_vnet_header_) {
        errno = EOPNOTSUPP;
        return fail_errno(IoError::kTunOffload);
    }
    const unsigned flags = (tso ? kTsoFlags : TUN_F_CSUM) | (uso ? kUsoFlags : 0U);
    if (ioctl(fd_.get(), TUNSETOFFLOAD, static_cast<unsigned long>(flags)) < 0) {
        return fail_errno(IoError::kTunOffload);
    }
    return {};
}

Result<Tun> Tun::create(const std::string& name, std::size_t queue_count, const Offloads& wanted) {
    if (name.empty() || name.size() >= IFNAMSIZ) {
        errno = EINVAL;
        return fail_errno(IoError::kTunCreate);
    }
    ifreq request{};
    std::memcpy(request.ifr_name, name.c_str(), name.size());
    const int flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR | (queue_count > 1 ? IFF_MULTI_QUEUE : 0);
    request.ifr_flags = static_cast<short>(flags);
    Tun tun;
    for (std::size_t index = 0; index < queue_count; ++index) {
        tun.queues.emplace_back(PM_TRY(open_queue(request)), true);
    }
    tun.name = request.ifr_name;
    tun.offloads = accept_offloads(tun.queues, wanted);
    return tun;
}

Result<Tun> Tun::adopt(int fd, const Offloads& wanted) {
    Fd owned(fd);
    ifreq request{};
    if (ioctl(fd, TUNGETIFF, &request) < 0 || fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
        return fail_errno(IoError::kTunOpen);
    }
    Tun tun;
    tun.name = request.ifr_name;
    tun.queues.emplace_back(std::move(owned), (request.ifr_flags & IFF_VNET_HDR) != 0);
    tun.offloads = accept_offloads(tun.queues, wanted);
    return tun;
}

}  // namespace phantom::io
