#include "daemon/dns_server.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/udp_address.h"

namespace phantom::daemon {

namespace {

constexpr int kStreamBacklog = 16;
// In one turn of the loop, so that a flood of queries does not keep the mesh waiting.
constexpr int kDatagramsPerTurn = 64;

// Bound; invalid with errno where it cannot be.
io::Fd bound_socket(const wire::Address& address, int type) {
    const int family = address.family == wire::Family::kV4 ? AF_INET : AF_INET6;
    io::Fd fd(socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int yes = 1;
    if (type == SOCK_STREAM) {
        // Connections of a node that was stopped a moment ago do not keep the port.
        (void)setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    }
    sockaddr_storage at{};
    const socklen_t size = io::to_sockaddr({.address = address, .port = kDnsPort}, at);
    if (fd.valid() && bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), size) != 0) {
        const int error = errno;
        fd.reset();
        errno = error;
    }
    return fd;
}

bool is_loopback(const wire::Address& address) {
    constexpr std::uint8_t kV4Loopback = 127;
    return address.family == wire::Family::kV4 ? address.bytes[0] == kV4Loopback
                                               : address == *wire::Address::parse("::1");
}

}  // namespace

DnsServer::DnsServer(const names::Members& members, io::EventLoop& loop, Random& random)
    : members_(members),
      loop_(loop),
      upstream_(loop, random),
      stream_(
          loop, [this](ByteView query, Reply reply) { ask(query, false, std::move(reply)); },
          [this](const wire::Address& source) { return may_ask(source); }
      ) {}

DnsServer::~DnsServer() {
    for (const io::Fd& each : datagrams_) {
        loop_.remove(each.get());
    }
}

std::optional<std::string> DnsServer::listen(const std::vector<wire::Address>& addresses) {
    stream_.close_listeners();
    for (const io::Fd& each : datagrams_) {
        loop_.remove(each.get());
    }
    datagrams_.clear();
    listening_.clear();
    std::optional<std::string> problem;
    for (const wire::Address& address : addresses) {
        if (listen_at(address)) {
            listening_.push_back(address);
        } else {
            problem = fmt::format(
                "port {} of {}: {}{}", kDnsPort, address.to_string(), std::strerror(errno),
                errno == EADDRINUSE
                    ? "; another name server listens on every address. Bind it to its own."
                    : ""
            );
        }
    }
    return problem;
}

bool DnsServer::listen_at(const wire::Address& address) {
    io::Fd datagrams = bound_socket(address, SOCK_DGRAM);
    io::Fd stream = datagrams.valid() ? bound_socket(address, SOCK_STREAM) : io::Fd();
    if (!stream.valid() || ::listen(stream.get(), kStreamBacklog) != 0) {
        return false;
    }
    const int fd = datagrams.get();
    if (!loop_.add(fd, [this, fd] { serve_datagrams(fd); }) || !stream_.add(std::move(stream))) {
        loop_.remove(fd);
        return false;
    }
    datagrams_.push_back(std::move(datagrams));
    return true;
}

void DnsServer::set_upstreams(std::vector<wire::SocketAddress> servers) {
    // Itself, by way of a file that names it: the query would go round for ever.
    std::erase_if(servers, [&](const wire::SocketAddress& each) {
        return std::ranges::find(listening_, each.address) != listening_.end();
    });
    upstream_.set_servers(std::move(servers));
}

void DnsServer::tick(Instant now) {
    upstream_.tick(now);
    stream_.tick(now);
}

bool DnsServer::may_ask(const wire::Address& source) const {
    return is_loopback(source) || std::ranges::find(listening_, source) != listening_.end();
}

void DnsServer::serve_datagrams(int fd) {
    std::array<std::uint8_t, names::kForwardQuerySizeMax> buffer;
    for (int turn = 0; turn < kDatagramsPerTurn; ++turn) {
        sockaddr_storage from{};
        socklen_t size = sizeof from;
        const ssize_t got = recvfrom(
            fd, buffer.data(), buffer.size(), MSG_TRUNC, reinterpret_cast<sockaddr*>(&from), &size
        );
        if (got < 0) {
            return;
        }
        const auto length = static_cast<std::size_t>(got);
        if (length > buffer.size() || !may_ask(io::from_sockaddr(from).address)) {
            continue;
        }
        ask(ByteView(buffer).first(length), true, [this, fd, from, size](ByteView response) {
            const bool open = std::ranges::find(datagrams_, fd, &io::Fd::get) != datagrams_.end();
            if (open && !response.empty()) {
                (void)sendto(
                    fd, response.data(), response.size(), MSG_NOSIGNAL,
                    reinterpret_cast<const sockaddr*>(&from), size
                );
            }
        });
    }
}

void DnsServer::ask(ByteView query, bool datagram, Reply reply) {
    std::array<std::uint8_t, wire::kDnsDatagramSizeMax> buffer;
    const bool may_forward = !upstream_.servers().empty();
    const names::Resolution done =
        names::resolve(query, members_, {.datagram = datagram, .may_forward = may_forward}, buffer);
    if (done.verdict != names::Verdict::kForward) {
        reply(done.response);
        return;
    }
    upstream_.ask(
        query, {.query = done.query, .stream = !datagram},
        [asked = done.query, datagram, reply = std::move(reply)](ByteView response) {
            std::array<std::uint8_t, wire::kDnsDatagramSizeMax> own;
            if (response.empty()) {
                reply(names::answer_failure(asked, own));
            } else if (datagram && response.size() > asked.datagram_size()) {
                reply(names::answer_truncated(asked, own));
            } else {
                reply(response);
            }
        }
    );
}

}  // namespace phantom::daemon
