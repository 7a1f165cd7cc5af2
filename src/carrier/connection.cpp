#include "carrier/connection.h"

#include <algorithm>

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include "io/udp_address.h"

namespace phantom::carrier {

namespace {

// In one turn, so that no connection keeps the others waiting.
constexpr int kRecordsPerTurn = 8;
constexpr int kReceivesPerTurn = 4;
constexpr std::size_t kReceiveSize = 64U << 10U;  // merged datagrams: UDP_GRO
constexpr int kLoopbackBufferSize = 4 << 20;

wire::SocketAddress loopback(std::uint16_t port) {
    constexpr std::array<std::uint8_t, 4> kLoopback{127, 0, 0, 1};
    return {.address = wire::Address::v4(kLoopback.data()), .port = port, .scope = 0};
}

// From the tunnel and nobody else: it is connected.
Result<io::Fd> open_loopback(std::uint16_t tunnel_port) {
    io::Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_storage own{};
    sockaddr_storage tunnel{};
    const socklen_t own_size = io::to_sockaddr(loopback(0), own);
    const socklen_t tunnel_size = io::to_sockaddr(loopback(tunnel_port), tunnel);
    if (!fd.valid() || bind(fd.get(), reinterpret_cast<sockaddr*>(&own), own_size) != 0 ||
        connect(fd.get(), reinterpret_cast<sockaddr*>(&tunnel), tunnel_size) != 0) {
        return fail(CarrierError::kLoopback, static_cast<std::uint32_t>(errno));
    }
    const int on = 1;
    (void)setsockopt(fd.get(), SOL_UDP, UDP_GRO, &on, sizeof on);
    // Beyond the system's limit where we may; else as much as that gives.
    for (const int option : {SO_RCVBUFFORCE, SO_SNDBUFFORCE, SO_RCVBUF, SO_SNDBUF}) {
        const bool forced = option == SO_RCVBUFFORCE || option == SO_SNDBUFFORCE;
        const int done = setsockopt(
            fd.get(), SOL_SOCKET, option, &kLoopbackBufferSize, sizeof kLoopbackBufferSize
        );
        if (forced && option == SO_SNDBUFFORCE && done == 0) {
            break;
        }
    }
    return fd;
}

Result<wire::SocketAddress> own_place(const io::Fd& fd) {
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    if (getsockname(fd.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
        return fail(CarrierError::kLoopback, static_cast<std::uint32_t>(errno));
    }
    return io::from_sockaddr(bound);
}

}  // namespace

Instant Connection::deadline() const {
    if (!is_open()) {
        return began_ + limits_.handshake;
    }
    return has_answered() ? heard_ + limits_.silence : began_ + limits_.answer;
}

bool Connection::wants_room() const {
    return is_open() ? !queue_.front().empty() : tls_.waits_for_room();
}

Status Connection::open(std::uint16_t tunnel_port, Instant now) {
    loopback_ = PM_TRY(open_loopback(tunnel_port));
    place_ = PM_TRY(own_place(loopback_));
    began_ = now;
    return {};
}

Status Connection::on_stream(std::uint16_t tunnel_port, Instant now) {
    if (!is_open()) {
        if (!PM_TRY(tls_.shake_hands())) {
            return {};
        }
        PM_TRY(open(tunnel_port, now));
    }
    PM_TRY(write_stream());
    return read_stream(now);
}

Status Connection::read_stream(Instant now) {
    std::array<std::uint8_t, kRecordSizeMax> record;
    for (int turn = 0; turn < kRecordsPerTurn; ++turn) {
        const std::size_t count = PM_TRY(tls_.read(record));
        if (count == 0) {
            return {};
        }
        PM_TRY(reader_.read(ByteView(record).first(count), [&](ByteView datagram) {
            heard_ = now;
            ++counters_.received;
            // No room at the tunnel is a loss like any other.
            (void)::send(loopback_.get(), datagram.data(), datagram.size(), 0);
        }));
    }
    return {};
}

Status Connection::write_stream() {
    while (!queue_.front().empty()) {
        const std::size_t count = PM_TRY(tls_.write(queue_.front()));
        if (count == 0) {
            return {};
        }
        queue_.pop(count);
    }
    return {};
}

Status Connection::on_tunnel() {
    std::array<std::uint8_t, kReceiveSize> merged;
    std::array<std::uint8_t, io::kControlSize> control;
    for (int turn = 0; turn < kReceivesPerTurn; ++turn) {
        iovec part{.iov_base = merged.data(), .iov_len = merged.size()};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const ssize_t got = recvmsg(loopback_.get(), &message, 0);
        if (got <= 0) {
            break;  // nothing now; a refusal, when the tunnel's port is closed for a moment
        }
        heard_tunnel_ = true;
        const auto size = static_cast<std::size_t>(got);
        const std::size_t segment = io::read_control(message).segment_size;
        const std::size_t step = segment == 0 ? size : segment;
        for (std::size_t at = 0; at < size; at += step) {
            const bool added = queue_.add(ByteView(merged).subspan(at, std::min(step, size - at)));
            ++(added ? counters_.sent : counters_.dropped);
        }
        PM_TRY(write_stream());
    }
    return {};
}

}  // namespace phantom::carrier
