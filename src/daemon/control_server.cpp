#include "daemon/control_server.h"

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"

namespace phantom::daemon {

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
    std::array<char, 4096> buffer;
    for (;;) {
        const ssize_t got = read(connection.fd.get(), buffer.data(), buffer.size());
        if (got < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        if (got == 0) {
            return false;
        }
        connection.request.append(buffer.data(), static_cast<std::size_t>(got));
        const std::size_t end = connection.request.find('\n');
        if (end != std::string::npos) {
            connection.answer = answer_to(connection.request.substr(0, end));
            return true;
        }
        if (connection.request.size() > kControlRequestSizeMax) {
            connection.answer =
                boost::json::serialize(control_error("too_large", "the request is too large")) +
                "\n";
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

std::string ControlServer::answer_to(const std::string& line) const {
    boost::system::error_code bad;
    const boost::json::value request = boost::json::parse(line, bad);
    if (bad || !request.is_object()) {
        return boost::json::serialize(control_error("bad_request", "not a JSON object")) + "\n";
    }
    return boost::json::serialize(backend_(request.get_object())) + "\n";
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
