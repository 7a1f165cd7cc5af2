#include "daemon/control_server.h"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/wiped_json.h"

namespace phantom::daemon {

namespace {

std::string origin_of(int fd) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
        return "control socket";
    }
    return fmt::format("control socket, uid {}, pid {}", peer.uid, peer.pid);
}

}  // namespace

ControlServer::ControlServer(io::Fd listener, Backend backend, io::EventLoop& loop)
    : listener_(std::move(listener)), backend_(std::move(backend)), loop_(loop) {}

ControlServer::~ControlServer() {
    loop_.remove(listener_.get());
    for (const auto& [fd, connection] : connections_) {
        loop_.remove(fd);
    }
}

Status ControlServer::start() {
    return loop_.add(listener_.get(), [this] { accept_all(); });
}

void ControlServer::accept_all() {
    close_expired();
    for (;;) {
        io::Fd fd(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!fd.valid()) {
            return;
        }
        if (connections_.size() == kControlConnectionsMax) {
            log::warning("control socket: {} connections, one more refused", connections_.size());
            continue;
        }
        const int number = fd.get();
        connections_[number] = std::make_unique<Connection>(Connection{
            .fd = std::move(fd), .accepted = monotonic_now(), .request = {}, .answer = {}
        });
        if (!loop_.add(number, [this, number] { serve(number); })) {
            connections_.erase(number);
        }
    }
}

void ControlServer::serve(int fd) {
    Connection& connection = *connections_.at(fd);
    if ((connection.answer.empty() && !read_request(connection)) || !write_answer(connection)) {
        close(fd);
        return;
    }
    (void)loop_.watch_writable(fd, !connection.answer.empty());
}

// False: the client went away, or has nothing more to say.
bool ControlServer::read_request(Connection& connection) {
    constexpr std::size_t kChunkSize = 4096;
    wireguard::SecretText& request = connection.request;
    for (;;) {
        const std::size_t size = request.size();
        request.resize(size + kChunkSize);
        const ssize_t got = read(connection.fd.get(), request.data() + size, kChunkSize);
        request.resize(size + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        if (got == 0) {
            return false;
        }
        const std::string_view said(request.data(), request.size());
        if (const std::size_t end = said.find('\n'); end != std::string_view::npos) {
            connection.answer = answer_to(said.substr(0, end), connection.fd.get());
            return true;
        }
        if (said.size() > kControlRequestSizeMax) {
            connection.answer = line_of(control_error("too_large", "the request is too large"));
            return true;
        }
    }
}

// False: all is said.
bool ControlServer::write_answer(Connection& connection) {
    while (connection.written < connection.answer.size()) {
        const ssize_t put = send(
            connection.fd.get(), connection.answer.data() + connection.written,
            connection.answer.size() - connection.written, MSG_NOSIGNAL
        );
        if (put < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        connection.written += static_cast<std::size_t>(put);
    }
    return connection.answer.empty();
}

wireguard::SecretText ControlServer::answer_to(std::string_view line, int fd) const {
    const boost::json::value request = parse_wiped(line);
    return line_of(
        request.is_object() ? backend_(request.get_object(), origin_of(fd))
                            : control_error("bad_request", "not a JSON object")
    );
}

void ControlServer::close(int fd) {
    loop_.remove(fd);
    connections_.erase(fd);
}

void ControlServer::close_expired() {
    const Instant oldest = monotonic_now() - kControlPatience;
    std::vector<int> expired;
    for (const auto& [fd, connection] : connections_) {
        if (connection->accepted < oldest) {
            expired.push_back(fd);
        }
    }
    for (const int fd : expired) {
        close(fd);
    }
}

boost::json::object control_error(std::string_view code, std::string_view message) {
    return {{"error", {{"code", code}, {"message", message}}}};
}

}  // namespace phantom::daemon
