#include "io/udp.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <linux/filter.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/mman.h>

#include "base/assert.h"
#include "io/udp_address.h"

namespace phantom::io {

namespace {

// The kernel's structures have one pointer type for what it reads and what it writes.
template <class T>
T* kernel_reads(const T* from) {
    return const_cast<T*>(from);  // NOLINT(cppcoreguidelines-pro-type-const-cast): only read
}

constexpr std::size_t kReceiveSlotSize = 65'536;
// Runs in one sendmmsg: more are sent by the next call.
constexpr std::size_t kSendVector = 64;
// How long a full socket buffer may hold up a shard before the datagrams are dropped.
constexpr int kSendWaitMs = 20;
constexpr int kSendWaitsMax = 3;
// Binding both families to a port the kernel chose for the first: another program may hold it.
constexpr int kBindAttemptsMax = 10;

int set_int(int fd, int level, int name, int value) {
    return setsockopt(fd, level, name, &value, sizeof value);
}

Status configure(int fd, int family, const UdpSocket::Options& options) {
    const bool v4 = family == AF_INET;
    const int level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
    const bool held = set_int(fd, level, v4 ? IP_PKTINFO : IPV6_RECVPKTINFO, 1) == 0 &&
                      set_int(fd, level, v4 ? IP_RECVTOS : IPV6_RECVTCLASS, 1) == 0 &&
                      (v4 || set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) == 0) &&
                      (!options.shared_port || set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1) == 0) &&
                      (options.fwmark == 0 ||
                       set_int(fd, SOL_SOCKET, SO_MARK, static_cast<int>(options.fwmark)) == 0);
    if (!held) {
        return fail_errno(IoError::kSocketOption);
    }
    // Fragmentation of outer packets is left to the path, as WireGuard does.
    (void)set_int(fd, level, v4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, IP_PMTUDISC_DONT);
    for (const int name : {SO_RCVBUFFORCE, SO_SNDBUFFORCE}) {
        if (set_int(fd, SOL_SOCKET, name, kSocketBufferSizeBytes) != 0) {
            const int plain = name == SO_RCVBUFFORCE ? SO_RCVBUF : SO_SNDBUF;
            (void)set_int(fd, SOL_SOCKET, plain, kSocketBufferSizeBytes);
        }
    }
    return {};
}

Result<std::uint16_t> bind_port(int fd, int family, std::uint16_t port) {
    wire::SocketAddress any;
    any.address.family = family == AF_INET ? wire::Family::kV4 : wire::Family::kV6;
    any.port = port;
    sockaddr_storage address{};
    socklen_t size = to_sockaddr(any, address);
    if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        return fail_errno(IoError::kSocketBind);
    }
    return from_sockaddr(address).port;
}

// An absent family is an invalid Fd, not an error.
Result<Fd> open_family(int family, const UdpSocket::Options& options, std::uint16_t& port) {
    Fd fd(socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd.valid()) {
        return errno == EAFNOSUPPORT ? Result<Fd>(Fd()) : fail_errno(IoError::kSocketOpen);
    }
    PM_TRY(configure(fd.get(), family, options));
    port = PM_TRY(bind_port(fd.get(), family, port));
    return fd;
}

}  // namespace

// Scratch for the batched calls: made once, used by every receive and send.
struct UdpSocket::Slots {
    std::uint8_t* buffers;
    std::array<std::array<std::uint8_t, kControlSize>, kReceiveSlots> receive_control;
    std::array<sockaddr_storage, kReceiveSlots> receive_from;
    std::array<iovec, kReceiveSlots> receive_parts;
    std::array<mmsghdr, kReceiveSlots> receive_messages;
    std::array<Received, kReceiveSlots> received;

    alignas(cmsghdr) std::array<std::array<std::uint8_t, kControlSize>, kSendVector> send_control;
    std::array<sockaddr_storage, kSendVector> send_to;
    std::array<iovec, kSendVector> send_parts;
    std::array<mmsghdr, kSendVector> send_messages;

    Slots() {
        void* memory = mmap(
            nullptr, kReceiveSlots * kReceiveSlotSize, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
        );
        PM_ASSERT(memory != MAP_FAILED);
        buffers = static_cast<std::uint8_t*>(memory);
    }
    Slots(const Slots&) = delete;
    Slots& operator=(const Slots&) = delete;
    ~Slots() { munmap(buffers, kReceiveSlots * kReceiveSlotSize); }
};

UdpSocket::UdpSocket() : slots_(std::make_unique<Slots>()) {}
UdpSocket::~UdpSocket() = default;

Result<std::unique_ptr<UdpSocket>> UdpSocket::open(const Options& options) {
    for (int attempt = 0;; ++attempt) {
        std::unique_ptr<UdpSocket> socket(new UdpSocket);
        std::uint16_t port = options.port;
        socket->v4_ = PM_TRY(open_family(AF_INET, options, port));
        auto v6 = open_family(AF_INET6, options, port);
        if (!v6) {
            if (options.port == 0 && v6.error().detail() == EADDRINUSE &&
                attempt < kBindAttemptsMax) {
                continue;
            }
            return std::unexpected(v6.error());
        }
        socket->v6_ = std::move(*v6);
        if (!socket->v4_.valid() && !socket->v6_.valid()) {
            errno = EAFNOSUPPORT;
            return fail_errno(IoError::kSocketOpen);
        }
        socket->port_ = port;
        socket->gso_ = options.offloads.gso;
        socket->gso_segments_max_ = options.offloads.gso_segments_max;
        socket->gro_ = options.offloads.gro;
        for (const int fd : {socket->v4_.get(), socket->v6_.get()}) {
            if (fd >= 0 && socket->gro_ && set_int(fd, SOL_UDP, UDP_GRO, 1) != 0) {
                socket->gro_ = false;
            }
        }
        return socket;
    }
}

Offloads UdpSocket::offloads() const {
    Offloads offloads;
    offloads.gso = gso_.load(std::memory_order_relaxed);
    offloads.gro = gro_;
    offloads.gso_segments_max = gso_segments_max_;
    return offloads;
}

std::span<Received> UdpSocket::receive(int fd) {
    Slots& s = *slots_;
    for (std::size_t index = 0; index < kReceiveSlots; ++index) {
        s.receive_parts[index] = {s.buffers + index * kReceiveSlotSize, kReceiveSlotSize};
        s.receive_messages[index].msg_hdr = {
            .msg_name = &s.receive_from[index],
            .msg_namelen = sizeof(sockaddr_storage),
            .msg_iov = &s.receive_parts[index],
            .msg_iovlen = 1,
            .msg_control = s.receive_control[index].data(),
            .msg_controllen = kControlSize,
            .msg_flags = 0,
        };
    }
    const int count = recvmmsg(fd, s.receive_messages.data(), kReceiveSlots, 0, nullptr);
    std::size_t kept = 0;
    for (int index = 0; index < count; ++index) {
        mmsghdr& message = s.receive_messages[static_cast<std::size_t>(index)];
        if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0 || message.msg_len == 0) {
            continue;
        }
        const ReceiveInfo info = read_control(message.msg_hdr);
        const std::size_t size = message.msg_len;
        Received& received = s.received[kept++];
        received.bytes = {static_cast<std::uint8_t*>(message.msg_hdr.msg_iov->iov_base), size};
        received.segment_size = info.segment_size == 0 ? size : info.segment_size;
        received.from.remote = from_sockaddr(s.receive_from[static_cast<std::size_t>(index)]);
        received.from.source = info.local;
        received.from.source_interface = info.interface;
        received.tos = info.tos;
    }
    return {s.received.data(), kept};
}

void UdpSocket::send(std::span<const SendRun> runs) {
    while (!runs.empty()) {
        const wire::Family family = runs.front().to->remote.address.family;
        const auto end = std::ranges::find_if(runs, [family](const SendRun& run) {
            return run.to->remote.address.family != family;
        });
        const auto count = static_cast<std::size_t>(end - runs.begin());
        const int fd = family == wire::Family::kV4 ? v4_.get() : v6_.get();
        for (auto same = runs.first(count); fd >= 0 && !same.empty();) {
            const std::size_t taken = std::min(same.size(), kSendVector);
            send_family(fd, same.first(taken));
            same = same.subspan(taken);
        }
        runs = runs.subspan(count);
    }
}

void UdpSocket::send_family(int fd, std::span<const SendRun> runs) {
    Slots& s = *slots_;
    for (std::size_t index = 0; index < runs.size(); ++index) {
        const SendRun& run = runs[index];
        const bool gso = run.segment_count > 1;
        s.send_parts[index] = {kernel_reads(run.data), run.size};
        msghdr& header = s.send_messages[index].msg_hdr;
        header = {
            .msg_name = &s.send_to[index],
            .msg_namelen = to_sockaddr(run.to->remote, s.send_to[index]),
            .msg_iov = &s.send_parts[index],
            .msg_iovlen = 1,
            .msg_control = s.send_control[index].data(),
            .msg_controllen = 0,
            .msg_flags = 0,
        };
        write_control(
            header, *run.to, run.tos, gso ? static_cast<std::uint16_t>(run.segment_size) : 0
        );
    }
    int waits = 0;
    for (std::size_t done = 0; done < runs.size();) {
        const SendRun& next = runs[done];
        int error = next.segment_count > 1 ? faults_.gso_errno.load(std::memory_order_relaxed) : 0;
        if (next.segment_count > 1 && !gso_.load(std::memory_order_relaxed)) {
            error = EIO;
        }
        if (error == 0) {
            ++send_counters_.calls;
            const int sent =
                sendmmsg(fd, &s.send_messages[done], static_cast<unsigned>(runs.size() - done), 0);
            if (sent > 0) {
                done += static_cast<std::size_t>(sent);
                continue;
            }
            error = errno;
        }
        if (error == EINTR) {
            continue;
        }
        if ((error == EAGAIN || error == ENOBUFS) && waits++ < kSendWaitsMax) {
            pollfd writable{.fd = fd, .events = POLLOUT, .revents = 0};
            (void)poll(&writable, 1, kSendWaitMs);
            continue;
        }
        handle_refusal(next, error);
        ++done;
    }
}

void UdpSocket::handle_refusal(const SendRun& run, int error) {
    const bool may_be_gso = error == EIO || error == EINVAL || error == EMSGSIZE;
    if (run.segment_count > 1 && may_be_gso) {
        // EIO: the egress device cannot checksum; EINVAL: too many segments for this kernel, or a
        // source address that is gone. Singly both show their true cause.
        if (error != EMSGSIZE && run.to->source.is_none()) {
            gso_.store(false, std::memory_order_relaxed);
        }
        send_singly(run);
        return;
    }
    if (!run.to->source.is_none()) {
        send_singly(run);
        return;
    }
    send_counters_.dropped_datagrams += run.segment_count;
}

void UdpSocket::send_singly(const SendRun& run) {
    for (std::size_t offset = 0; offset < run.size; offset += run.segment_size) {
        const std::size_t size = std::min(run.segment_size, run.size - offset);
        ++send_counters_.calls;
        if (send_one({run.data + offset, size}, *run.to, run.tos)) {
            continue;
        }
        if (!run.to->source.is_none()) {
            // Not too sticky: the address we used to answer from is gone, any other will do.
            wire::Endpoint without_source;
            without_source.remote = run.to->remote;
            if (send_one({run.data + offset, size}, without_source, run.tos)) {
                ++send_counters_.source_forgotten;
                continue;
            }
        }
        ++send_counters_.dropped_datagrams;
    }
}

Status UdpSocket::send_one(ByteView datagram, const wire::Endpoint& to, std::uint8_t tos) {
    sockaddr_storage address{};
    alignas(cmsghdr) std::array<std::uint8_t, kControlSize> control{};
    iovec part{kernel_reads(datagram.data()), datagram.size()};
    msghdr header{
        .msg_name = &address,
        .msg_namelen = to_sockaddr(to.remote, address),
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control.data(),
        .msg_controllen = 0,
        .msg_flags = 0,
    };
    write_control(header, to, tos, 0);
    const int fd = to.remote.address.family == wire::Family::kV4 ? v4_.get() : v6_.get();
    if (sendmsg(fd, &header, 0) < 0) {
        return fail_errno(IoError::kSend);
    }
    return {};
}

Status UdpSocket::set_fwmark(std::uint32_t fwmark) {
    for (const int fd : {v4_.get(), v6_.get()}) {
        if (fd >= 0 && set_int(fd, SOL_SOCKET, SO_MARK, static_cast<int>(fwmark)) != 0) {
            return fail_errno(IoError::kSocketOption);
        }
    }
    return {};
}

Status UdpSocket::steer_by_receiver_index(std::uint32_t count) {
    // Offsets are into the UDP payload. BPF loads are big endian and the index is little endian, so
    // it is put together byte by byte. All types but 4 go to socket 0.
    // index = b4 | b5<<8 | b6<<16 | b7<<24, then modulo `count`.
    const std::array<sock_filter, 18> steer{{
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 4, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 7),
        BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 8),
        BPF_STMT(BPF_MISC | BPF_TAX, 0),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6),
        BPF_STMT(BPF_ALU | BPF_OR | BPF_X, 0),
        BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 8),
        BPF_STMT(BPF_MISC | BPF_TAX, 0),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 5),
        BPF_STMT(BPF_ALU | BPF_OR | BPF_X, 0),
        BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 8),
        BPF_STMT(BPF_MISC | BPF_TAX, 0),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 4),
        BPF_STMT(BPF_ALU | BPF_OR | BPF_X, 0),
        BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, count),
        BPF_STMT(BPF_RET | BPF_A, 0),
    }};
    const sock_fprog attach{.len = steer.size(), .filter = kernel_reads(steer.data())};
    for (const int fd : {v4_.get(), v6_.get()}) {
        if (fd >= 0 &&
            setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &attach, sizeof attach) != 0) {
            return fail_errno(IoError::kSocketOption);
        }
    }
    return {};
}

}  // namespace phantom::io
