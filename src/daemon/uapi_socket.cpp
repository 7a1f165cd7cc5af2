#include "daemon/uapi_socket.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace phantom::daemon {

namespace {

constexpr mode_t kDirectoryMode = 0755;
constexpr mode_t kOwnerOnly = 0077;
// A client whose connect does not wait (Go's, so wgctrl's) fails when the backlog is full.
constexpr int kSocketBacklog = 128;

std::unexpected<Error> fail_errno(DaemonError code) {
    return fail(code, static_cast<std::uint32_t>(errno));
}

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
}

bool answers(const std::string& path) {
    const io::Fd probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_un address = address_of(path);
    return probe.valid() &&
           connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool bind_owner_only(int fd, const std::string& path) {
    const sockaddr_un address = address_of(path);
    const mode_t before = umask(kOwnerOnly);
    const int bound = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    const int error = errno;
    umask(before);
    errno = error;
    return bound == 0;
}

}  // namespace

std::string uapi_path(const std::string& interface) {
    return std::string(kUapiDirectory) + "/" + interface + ".sock";
}

Result<io::Fd> listen_uapi(const std::string& path) {
    if (mkdir(kUapiDirectory, kDirectoryMode) != 0 && errno != EEXIST) {
        return fail_errno(DaemonError::kSocketDirectory);
    }
    return listen_owner_only(path);
}

Result<io::Fd> listen_owner_only(const std::string& path) {
    if (path.size() >= sizeof sockaddr_un{}.sun_path) {
        return fail(DaemonError::kSocketListen, ENAMETOOLONG);
    }
    io::Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd.valid()) {
        return fail_errno(DaemonError::kSocketListen);
    }
    if (!bind_owner_only(fd.get(), path)) {
        if (errno != EADDRINUSE) {
            return fail_errno(DaemonError::kSocketListen);
        }
        if (answers(path)) {
            return fail(DaemonError::kSocketInUse);
        }
        if (unlink(path.c_str()) != 0 || !bind_owner_only(fd.get(), path)) {
            return fail_errno(DaemonError::kSocketListen);
        }
    }
    if (::listen(fd.get(), kSocketBacklog) != 0) {
        return fail_errno(DaemonError::kSocketListen);
    }
    return fd;
}

Result<io::Fd> adopt_uapi(int fd) {
    io::Fd owned(fd);
    int listening = 0;
    socklen_t size = sizeof listening;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0) {
        return fail(DaemonError::kSocketListen, EINVAL);
    }
    // The supervisor's end may be blocking, and the loop accepts until nobody waits any more.
    if (fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
        return fail_errno(DaemonError::kSocketListen);
    }
    return owned;
}

Result<io::Fd> watch_removal(const std::string& path) {
    io::Fd fd(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    // Unlinking changes the link count first (IN_ATTRIB), then the file goes (IN_DELETE_SELF).
    if (!fd.valid() ||
        inotify_add_watch(fd.get(), path.c_str(), IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF) < 0) {
        return fail_errno(DaemonError::kSocketWatch);
    }
    return fd;
}

bool socket_removed(int watch_fd, const std::string& path) {
    std::array<std::uint8_t, 4096> events;
    while (read(watch_fd, events.data(), events.size()) > 0) {
    }
    struct stat info{};
    return stat(path.c_str(), &info) != 0 && errno == ENOENT;
}

}  // namespace phantom::daemon
