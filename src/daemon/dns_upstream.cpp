#include "daemon/dns_upstream.h"

#include <array>
#include <cerrno>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

#include "io/udp_address.h"

namespace phantom::daemon {

namespace {

constexpr std::size_t kUpstreamReadSize = 4096;

bool would_block() {
    return errno == EAGAIN || errno == EINTR;
}

}  // namespace

DnsUpstream::~DnsUpstream() {
    for (Exchange& exchange : exchanges_) {
        close(exchange);
    }
}

void DnsUpstream::set_servers(std::vector<wire::SocketAddress> servers) {
    forwarder_.set_servers(std::move(servers));
}

void DnsUpstream::ask(ByteView message, const names::Forwarder::Pending& pending, Reply reply) {
    const auto attempt = forwarder_.begin(message, pending, monotonic_now(), random_);
    if (!attempt) {
        reply({});
        return;
    }
    exchanges_[attempt->slot].reply = std::move(reply);
    carry_out(attempt->slot, attempt);
}

void DnsUpstream::tick(Instant now) {
    for (const Slot slot : forwarder_.due(now)) {
        carry_out(slot, forwarder_.retry(slot, now, random_));
    }
}

// Until a server can be asked, or none is left. Ends: the forwarder counts the attempts.
void DnsUpstream::carry_out(Slot slot, std::optional<names::Forwarder::Attempt> attempt) {
    while (attempt && !open(*attempt)) {
        attempt = forwarder_.retry(slot, monotonic_now(), random_);
    }
    if (!attempt) {
        close(exchanges_[slot]);
        std::exchange(exchanges_[slot].reply, nullptr)({});
    }
}

bool DnsUpstream::open(const names::Forwarder::Attempt& attempt) {
    Exchange& exchange = exchanges_[attempt.slot];
    close(exchange);
    const int family = attempt.server.address.family == wire::Family::kV4 ? AF_INET : AF_INET6;
    const int type = attempt.stream ? SOCK_STREAM : SOCK_DGRAM;
    io::Fd fd(socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_storage address{};
    const socklen_t size = io::to_sockaddr(attempt.server, address);
    if (!fd.valid() || (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 &&
                        errno != EINPROGRESS)) {
        return false;
    }
    const auto length = static_cast<std::uint16_t>(attempt.query.size());
    if (!attempt.stream && send(fd.get(), attempt.query.data(), length, MSG_NOSIGNAL) != length) {
        return false;
    }
    if (!loop_.add(fd.get(), [this, slot = attempt.slot] { serve(slot); })) {
        return false;
    }
    exchange.stream = attempt.stream;
    exchange.fd = std::move(fd);
    if (attempt.stream) {
        exchange.out.resize(names::kStreamLengthSize);
        store_be(exchange.out.data(), length);
        exchange.out.insert(exchange.out.end(), attempt.query.begin(), attempt.query.end());
        (void)loop_.watch_writable(exchange.fd.get(), true);
    }
    return true;
}

void DnsUpstream::serve(Slot slot) {
    Exchange& exchange = exchanges_[slot];
    if (!exchange.stream) {
        read_datagrams(slot);
    } else if (!write_stream(exchange) || !read_stream(slot)) {
        carry_out(slot, forwarder_.retry(slot, monotonic_now(), random_));
    }
}

// A wrong reply is passed over: the right one may be behind it.
void DnsUpstream::read_datagrams(Slot slot) {
    std::array<std::uint8_t, kUpstreamReadSize> buffer;
    const Exchange& exchange = exchanges_[slot];
    while (exchange.fd.valid()) {
        const ssize_t got = recv(exchange.fd.get(), buffer.data(), buffer.size(), 0);
        if (got < 0 && !would_block()) {  // ECONNREFUSED: no server there
            carry_out(slot, forwarder_.retry(slot, monotonic_now(), random_));
            return;
        }
        if (got < 0) {
            return;
        }
        const auto reply = MutableBytes(buffer).first(static_cast<std::size_t>(got));
        if (forwarder_.accept(slot, reply)) {
            finish(slot, reply);
        }
    }
}

bool DnsUpstream::write_stream(Exchange& exchange) {
    while (exchange.written < exchange.out.size()) {
        const auto left = std::span(exchange.out).subspan(exchange.written);
        const ssize_t put = send(exchange.fd.get(), left.data(), left.size(), MSG_NOSIGNAL);
        if (put < 0) {
            return would_block();
        }
        exchange.written += static_cast<std::size_t>(put);
    }
    (void)loop_.watch_writable(exchange.fd.get(), false);
    return true;
}

bool DnsUpstream::read_stream(Slot slot) {
    Exchange& exchange = exchanges_[slot];
    std::array<std::uint8_t, kUpstreamReadSize> buffer;
    for (;;) {
        const ssize_t got = recv(exchange.fd.get(), buffer.data(), buffer.size(), 0);
        if (got <= 0) {
            return got < 0 && would_block();
        }
        exchange.in.insert(exchange.in.end(), buffer.begin(), buffer.begin() + got);
        if (exchange.in.size() < names::kStreamLengthSize) {
            continue;
        }
        const std::size_t size = load_be<std::uint16_t>(exchange.in.data());
        if (exchange.in.size() < names::kStreamLengthSize + size) {
            continue;
        }
        const MutableBytes reply = std::span(exchange.in).subspan(names::kStreamLengthSize, size);
        if (!forwarder_.accept(slot, reply)) {
            return false;
        }
        finish(slot, reply);
        return true;
    }
}

void DnsUpstream::finish(Slot slot, MutableBytes response) {
    Exchange& exchange = exchanges_[slot];
    const Reply reply = std::exchange(exchange.reply, nullptr);
    reply(response);
    close(exchange);
}

void DnsUpstream::close(Exchange& exchange) {
    if (exchange.fd.valid()) {
        loop_.remove(exchange.fd.get());
        exchange.fd.reset();
    }
    exchange.out.clear();
    exchange.in.clear();
    exchange.written = 0;
}

}  // namespace phantom::daemon
