#include "daemon/uapi_server.h"

#include <array>
#include <cerrno>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <net/if.h>
#include <sys/socket.h>

#include "base/log.h"

namespace phantom::daemon {

namespace {

constexpr std::size_t kReadSize = 65'536;

std::uint32_t scope_of(std::string_view name) {
    return if_nametoindex(std::string(name).c_str());
}

int errno_for(const Error& error) {
    if (error.is(io::IoError::kSocketBind) || error.is(io::IoError::kSocketOption)) {
        return wireguard::kUapiErrnoPortInUse;
    }
    return wireguard::errno_of(error);
}

wireguard::SecretText to_answer(std::string_view text) {
    return {text.begin(), text.end()};
}

}  // namespace

UapiServer::UapiServer(io::Fd listener, Backend backend, io::EventLoop& loop)
    : listener_(std::move(listener)), backend_(std::move(backend)), loop_(loop) {}

UapiServer::~UapiServer() {
    loop_.remove(listener_.get());
    for (const auto& [fd, connection] : connections_) {
        loop_.remove(fd);
    }
}

Status UapiServer::start() {
    return loop_.add(listener_.get(), [this] { accept_all(); });
}

void UapiServer::accept_all() {
    close_expired();
    for (;;) {
        io::Fd fd(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!fd.valid()) {
            return;
        }
        if (connections_.size() == wireguard::kUapiConnectionCountMax) {
            log::warning("control socket: {} connections, one more refused", connections_.size());
            continue;
        }
        const int number = fd.get();
        connections_[number] = std::make_unique<Connection>(Connection{
            .fd = std::move(fd),
            .framer = wireguard::UapiFramer(monotonic_now()),
            .answers = {},
        });
        if (!loop_.add(number, [this, number] { serve(number); })) {
            connections_.erase(number);
        }
    }
}

void UapiServer::serve(int fd) {
    Connection& connection = *connections_.at(fd);
    const bool open = (connection.closing || read_operations(connection)) &&
                      write_answers(connection) &&
                      !(connection.closing && connection.answers.empty());
    if (!open) {
        close(fd);
        return;
    }
    (void)loop_.watch_writable(fd, !connection.answers.empty());
}

bool UapiServer::read_operations(Connection& connection) {
    std::vector<char, wireguard::WipingAllocator<char>> buffer(kReadSize);
    for (;;) {
        const ssize_t got = read(connection.fd.get(), buffer.data(), buffer.size());
        if (got == 0) {
            connection.closing = true;
            return true;
        }
        if (got < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        connection.framer.feed({buffer.data(), static_cast<std::size_t>(got)}, monotonic_now());
        for (;;) {
            const auto operation = connection.framer.next();
            if (!operation) {
                log::error("control socket: {}", operation.error().message());
                connection.answers.push_back(
                    to_answer(wireguard::format_framing_error(operation.error()))
                );
                connection.closing = true;
                return true;
            }
            const std::optional<wireguard::UapiOperation>& complete = *operation;
            if (!complete) {
                break;
            }
            execute(connection, *complete);
        }
    }
}

void UapiServer::execute(Connection& connection, const wireguard::UapiOperation& operation) {
    if (operation.kind == wireguard::UapiOperation::Kind::kGet) {
        connection.answers.push_back(backend_.describe());
        return;
    }
    int answer = 0;
    const auto update = wireguard::parse_set(operation.text, scope_of);
    if (!update) {
        log::error(
            "configuration refused, nothing changed: line {}: {}", update.error().detail(),
            update.error().what()
        );
        answer = errno_for(update.error());
    } else if (const Status applied = backend_.apply(*update); !applied) {
        log::error("configuration refused: {}", applied.error().message());
        answer = errno_for(applied.error());
    }
    connection.answers.push_back(to_answer(wireguard::format_errno(answer)));
}

bool UapiServer::write_answers(Connection& connection) {
    while (!connection.answers.empty()) {
        const wireguard::SecretText& answer = connection.answers.front();
        const ssize_t sent = send(
            connection.fd.get(), answer.data() + connection.written,
            answer.size() - connection.written, MSG_NOSIGNAL
        );
        if (sent < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        connection.written += static_cast<std::size_t>(sent);
        if (connection.written == answer.size()) {
            connection.answers.pop_front();
            connection.written = 0;
        }
    }
    return true;
}

void UapiServer::close(int fd) {
    loop_.remove(fd);
    connections_.erase(fd);
}

void UapiServer::close_expired() {
    std::vector<int> expired;
    for (const auto& [fd, connection] : connections_) {
        if (connection->framer.is_expired(monotonic_now())) {
            expired.push_back(fd);
        }
    }
    for (const int fd : expired) {
        close(fd);
    }
}

}  // namespace phantom::daemon
