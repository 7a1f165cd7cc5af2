#include "api/listener.h"

#include <cerrno>

#include <netinet/in.h>
#include <sys/socket.h>

#include "io/udp_address.h"

namespace phantom::api {

Result<io::Fd> listen_at(const wire::SocketAddress& place) {
    constexpr int kBacklog = 128;
    const auto failed = [] { return fail(ApiError::kListen, static_cast<std::uint32_t>(errno)); };
    sockaddr_storage address{};
    const socklen_t size = io::to_sockaddr(place, address);
    io::Fd fd(socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd.valid()) {
        return failed();
    }
    const int on = 1;
    (void)setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        listen(fd.get(), kBacklog) != 0) {
        return failed();
    }
    return fd;
}

}  // namespace phantom::api
