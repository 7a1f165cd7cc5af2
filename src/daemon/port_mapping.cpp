#include "daemon/port_mapping.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/log.h"
#include "io/udp_address.h"

namespace phantom::daemon {

namespace {

constexpr std::size_t kGatewayReadSize = 2048;
constexpr int kGatewayReadsMax = 16;  // in one turn of the loop

bool may_come_later() {
    return errno == EAGAIN || errno == EINTR;
}

int bind_to(int fd, const wire::Address& own) {
    sockaddr_storage address{};
    const socklen_t size = io::to_sockaddr({.address = own, .port = 0}, address);
    return bind(fd, reinterpret_cast<const sockaddr*>(&address), size);
}

}  // namespace

PortMapping::~PortMapping() {
    close_all();
}

void PortMapping::set_gateway(
    const std::optional<io::Gateway>& gateway, std::uint16_t port, Instant now
) {
    std::optional<reach::Place> place;
    if (gateway) {
        place = reach::Place{.gateway = gateway->address, .own = gateway->own, .port = port};
    }
    if (place == mapper_.place() && gateway == gateway_) {
        return;
    }
    close_all();
    gateway_ = gateway;
    if (place && !open_datagrams()) {
        place.reset();
    }
    reach::MappingOutput out;
    mapper_.set_place(place, now, random_, out);
    carry_out(out);
}

void PortMapping::tick(Instant now) {
    if (now >= connection_.deadline) {
        // Some keep the connection open after all that they have to say.
        finish_request(!connection_.response.empty());
    }
    if (now >= mapper_.deadline()) {
        reach::MappingOutput out;
        mapper_.tick(now, random_, out);
        carry_out(out);
    }
}

Instant PortMapping::deadline() const {
    return std::min(mapper_.deadline(), connection_.deadline);
}

void PortMapping::carry_out(const reach::MappingOutput& out) {
    for (const auto& each : out.datagrams) {
        sockaddr_storage to{};
        const socklen_t size = io::to_sockaddr(each.to, to);
        // Lost or not sent: it is asked again.
        (void)sendto(
            datagrams_.get(), each.bytes.data(), each.bytes.size(), MSG_NOSIGNAL,
            reinterpret_cast<const sockaddr*>(&to), size
        );
    }
    for (const auto& each : out.requests) {
        if (waiting_.size() < kHttpWaitingMax) {
            waiting_.push_back(each);
        }
    }
    if (!connection_.fd.valid() && !waiting_.empty()) {
        begin_request();
    }
}

bool PortMapping::open_datagrams() {
    if (!gateway_) {
        return false;
    }
    io::Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    ip_mreqn out{};
    out.imr_ifindex = static_cast<int>(gateway_->interface);
    if (!fd.valid() || bind_to(fd.get(), gateway_->own) != 0 ||
        setsockopt(fd.get(), IPPROTO_IP, IP_MULTICAST_IF, &out, sizeof out) != 0 ||
        !loop_.add(fd.get(), [this] { read_datagrams(); })) {
        return false;
    }
    datagrams_ = std::move(fd);
    return true;
}

void PortMapping::read_datagrams() {
    std::array<std::uint8_t, kGatewayReadSize> buffer;
    reach::MappingOutput out;
    for (int reads = 0; reads < kGatewayReadsMax; ++reads) {
        sockaddr_storage from{};
        socklen_t from_size = sizeof from;
        const ssize_t got = recvfrom(
            datagrams_.get(), buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from),
            &from_size
        );
        if (got < 0) {
            break;
        }
        mapper_.receive(
            io::from_sockaddr(from), ByteView(buffer).first(static_cast<std::size_t>(got)),
            monotonic_now(), out
        );
    }
    carry_out(out);
}

void PortMapping::begin_request() {
    const auto request = std::move(waiting_.front());
    waiting_.pop_front();
    connection_ = {};
    connection_.request = request.text;
    connection_.deadline = monotonic_now() + kHttpPatience;
    io::Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_storage to{};
    const socklen_t size = io::to_sockaddr(request.to, to);
    const bool begun = gateway_ && fd.valid() && bind_to(fd.get(), gateway_->own) == 0 &&
                       (connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), size) == 0 ||
                        errno == EINPROGRESS) &&
                       loop_.add(fd.get(), [this] { serve_connection(); });
    if (!begun) {
        connection_.deadline = {};  // told with the next tick
        return;
    }
    connection_.fd = std::move(fd);
    (void)loop_.watch_writable(connection_.fd.get(), true);
}

void PortMapping::serve_connection() {
    if (!write_request()) {
        finish_request(false);
    } else if (!read_response()) {
        finish_request(true);
    }
}

bool PortMapping::write_request() {
    while (connection_.written < connection_.request.size()) {
        const auto left = std::string_view(connection_.request).substr(connection_.written);
        const ssize_t put = send(connection_.fd.get(), left.data(), left.size(), MSG_NOSIGNAL);
        if (put < 0) {
            return may_come_later();
        }
        connection_.written += static_cast<std::size_t>(put);
        if (connection_.written == connection_.request.size()) {
            (void)loop_.watch_writable(connection_.fd.get(), false);
        }
    }
    return true;
}

// Up to the end of the connection, as the request asks for.
bool PortMapping::read_response() {
    std::array<char, kGatewayReadSize> buffer;
    for (;;) {
        const ssize_t got = recv(connection_.fd.get(), buffer.data(), buffer.size(), 0);
        if (got <= 0) {
            return got < 0 && may_come_later();
        }
        connection_.response.append(buffer.data(), static_cast<std::size_t>(got));
        if (connection_.response.size() > reach::kHttpResponseSizeMax) {
            return false;  // and is not understood
        }
    }
}

void PortMapping::finish_request(bool complete) {
    if (connection_.fd.valid()) {
        loop_.remove(connection_.fd.get());
    }
    const std::string response = std::exchange(connection_, {}).response;
    reach::MappingOutput out;
    mapper_.answer(
        complete ? std::optional<std::string_view>(response) : std::nullopt, monotonic_now(),
        random_, out
    );
    carry_out(out);
}

void PortMapping::close_all() {
    for (const int fd : {datagrams_.get(), connection_.fd.get()}) {
        if (fd >= 0) {
            loop_.remove(fd);
        }
    }
    datagrams_.reset();
    connection_ = {};
    waiting_.clear();
}

void PortMapping::stop() {
    reach::MappingOutput out;
    mapper_.end(out);
    carry_out(out);
    const Instant end = monotonic_now() + kFarewellPatience;
    while (connection_.fd.valid() && monotonic_now() < end) {
        pollfd waits{.fd = connection_.fd.get(), .events = POLLIN, .revents = 0};
        if (connection_.written < connection_.request.size()) {
            waits.events = POLLIN | POLLOUT;
        }
        constexpr int kStepMs = 100;
        if (poll(&waits, 1, kStepMs) > 0) {
            serve_connection();
        }
    }
    close_all();
}

}  // namespace phantom::daemon
