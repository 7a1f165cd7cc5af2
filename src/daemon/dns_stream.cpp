#include "daemon/dns_stream.h"

#include <array>
#include <cerrno>

#include <sys/socket.h>
#include <unistd.h>

#include "io/udp_address.h"
#include "names/forwarder.h"

namespace phantom::daemon {

namespace {

constexpr std::size_t kStreamReadSize = 2048;
// A message that is complete is taken out before more is read.
constexpr std::size_t kWaitingSizeMax = names::kStreamLengthSize + names::kForwardQuerySizeMax;

}  // namespace

DnsStream::~DnsStream() {
    close_listeners();
    for (const auto& [number, connection] : connections_) {
        loop_.remove(connection.fd.get());
    }
}

Status DnsStream::add(io::Fd listener) {
    const int fd = listener.get();
    PM_TRY(loop_.add(fd, [this, fd] { accept_all(fd); }));
    listeners_.push_back(std::move(listener));
    return {};
}

void DnsStream::close_listeners() {
    for (const io::Fd& listener : listeners_) {
        loop_.remove(listener.get());
    }
    listeners_.clear();
}

void DnsStream::tick(Instant now) {
    std::erase_if(connections_, [&](const auto& each) {
        const bool expired = each.second.heard + kDnsConnectionPatience <= now;
        if (expired) {
            loop_.remove(each.second.fd.get());
        }
        return expired;
    });
}

void DnsStream::accept_all(int listener) {
    for (;;) {
        sockaddr_storage from{};
        socklen_t size = sizeof from;
        io::Fd fd(accept4(
            listener, reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC
        ));
        if (!fd.valid()) {
            return;
        }
        if (connections_.size() == kDnsConnectionsMax ||
            !may_ask_(io::from_sockaddr(from).address)) {
            continue;
        }
        const Number number = next_++;
        if (loop_.add(fd.get(), [this, number] { serve(number); })) {
            Connection& connection = connections_[number];
            connection.fd = std::move(fd);
            connection.heard = monotonic_now();
        }
    }
}

void DnsStream::serve(Number number) {
    Connection& connection = connections_.at(number);
    if (!write_some(connection) || !read_some(connection)) {
        close(number);
        return;
    }
    take_messages(number);
}

bool DnsStream::read_some(Connection& connection) {
    std::array<std::uint8_t, kStreamReadSize> buffer;
    const ssize_t got = recv(connection.fd.get(), buffer.data(), buffer.size(), 0);
    if (got <= 0) {
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    }
    connection.heard = monotonic_now();
    connection.in.insert(connection.in.end(), buffer.begin(), buffer.begin() + got);
    // Who sends on while it has no answer yet is cut off, instead of being kept in memory.
    return connection.in.size() <= kWaitingSizeMax + kStreamReadSize;
}

bool DnsStream::write_some(Connection& connection) {
    if (connection.out.empty()) {
        return true;
    }
    const ssize_t put =
        send(connection.fd.get(), connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
    if (put < 0) {
        return errno == EAGAIN || errno == EINTR;
    }
    connection.out.erase(connection.out.begin(), connection.out.begin() + put);
    (void)loop_.watch_writable(connection.fd.get(), !connection.out.empty());
    return true;
}

// The handler may answer at once, and closing may be the answer: looked up anew in every turn.
void DnsStream::take_messages(Number number) {
    for (;;) {
        const auto at = connections_.find(number);
        if (at == connections_.end() || at->second.waiting ||
            at->second.in.size() < names::kStreamLengthSize) {
            return;
        }
        Connection& connection = at->second;
        const std::size_t size = load_be<std::uint16_t>(connection.in.data());
        if (size > names::kForwardQuerySizeMax) {
            close(number);
            return;
        }
        if (connection.in.size() < names::kStreamLengthSize + size) {
            return;
        }
        const auto begin = connection.in.begin() + names::kStreamLengthSize;
        const auto end = begin + static_cast<std::ptrdiff_t>(size);
        const std::vector<std::uint8_t> query(begin, end);
        connection.in.erase(connection.in.begin(), end);
        connection.waiting = true;
        taking_ = true;
        handler_(query, [this, number](ByteView response) { answer(number, response); });
        taking_ = false;
    }
}

// The client may be gone.
void DnsStream::answer(Number number, ByteView response) {
    const auto at = connections_.find(number);
    if (at == connections_.end()) {
        return;
    }
    if (response.empty()) {
        close(number);
        return;
    }
    Connection& connection = at->second;
    connection.waiting = false;
    connection.heard = monotonic_now();
    std::array<std::uint8_t, names::kStreamLengthSize> length;
    store_be(length.data(), static_cast<std::uint16_t>(response.size()));
    connection.out.insert(connection.out.end(), length.begin(), length.end());
    connection.out.insert(connection.out.end(), response.begin(), response.end());
    if (!write_some(connection)) {
        close(number);
    } else if (!taking_) {
        take_messages(number);  // the next one may be there already
    }
}

void DnsStream::close(Number number) {
    const auto at = connections_.find(number);
    if (at != connections_.end()) {
        loop_.remove(at->second.fd.get());
        connections_.erase(at);
    }
}

}  // namespace phantom::daemon
