#include "cli/client.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace phantom::cli {

namespace {

constexpr std::size_t kAnswerSizeMax = std::size_t{64} << 20U;

class Socket {
  public:
    Socket() : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
    ~Socket() {
        if (fd_ >= 0) {
            close(fd_);
        }
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    [[nodiscard]] int fd() const { return fd_; }

  private:
    int fd_;
};

Answer not_running(const Places& places, int error) {
    if (error == EACCES) {
        return {
            Exit::kFailed, fmt::format("{}: permission denied. Try with sudo.", places.socket()), {}
        };
    }
    return {
        Exit::kNotRunning,
        fmt::format(
            "no daemon answers at {} ({}). Start it with 'phantom up'; 'phantom meshes' shows "
            "what else runs here, and --mesh names one of them.",
            places.socket(), std::strerror(error)
        ),
        {}
    };
}

bool send_all(int fd, const std::string& text) {
    for (std::size_t sent = 0; sent < text.size();) {
        const ssize_t count = send(fd, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) {
            return false;
        }
        sent += static_cast<std::size_t>(count);
    }
    return true;
}

std::string receive_all(int fd) {
    std::string text;
    std::array<char, 16'384> buffer;
    while (text.size() < kAnswerSizeMax) {
        const ssize_t count = recv(fd, buffer.data(), buffer.size(), 0);
        if (count <= 0) {
            break;
        }
        text.append(buffer.data(), static_cast<std::size_t>(count));
        if (text.back() == '\n') {
            break;
        }
    }
    return text;
}

}  // namespace

void Places::enter(const std::string& name) {
    mesh = name;
    state_dir += "/meshes/" + name;
    run_dir += "/meshes/" + name;
}

Answer ask(
    const Places& places, const boost::json::object& request, std::chrono::seconds patience
) {
    const std::string path = places.socket();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return {Exit::kUsage, fmt::format("{} is too long for a socket's path", path), {}};
    }
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const Socket connection;
    if (connection.fd() < 0 ||
        connect(connection.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
            0) {
        return not_running(places, errno);
    }
    const timeval wait{.tv_sec = patience.count(), .tv_usec = 0};
    (void)setsockopt(connection.fd(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    if (!send_all(connection.fd(), boost::json::serialize(request) + "\n")) {
        return {Exit::kFailed, "the daemon closed the connection", {}};
    }
    boost::system::error_code bad;
    const boost::json::value body = boost::json::parse(receive_all(connection.fd()), bad);
    if (bad || !body.is_object()) {
        return {
            Exit::kFailed,
            fmt::format("the daemon did not answer within {} s", patience.count()),
            {}
        };
    }
    Answer answer{.error = {}, .body = body.get_object()};
    if (const auto* error = answer.body.if_contains("error")) {
        answer.exit = Exit::kFailed;
        answer.error = error->at("message").as_string().c_str();
    }
    return answer;
}

}  // namespace phantom::cli
