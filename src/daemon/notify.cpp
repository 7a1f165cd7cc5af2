#include "daemon/notify.h"

#include <cstdlib>
#include <ctime>
#include <string>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "io/fd.h"

namespace phantom::daemon {

namespace {

void notify(std::string_view state) {
    const char* path = std::getenv("NOTIFY_SOCKET");
    if (path == nullptr) {
        return;
    }
    const std::string_view name(path);
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    if (name.empty() || name.size() >= sizeof to.sun_path) {
        return;
    }
    name.copy(to.sun_path, name.size());
    if (name.front() == '@') {
        to.sun_path[0] = '\0';  // the abstract namespace
    }
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    const io::Fd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (fd.valid()) {
        (void)sendto(
            fd.get(), state.data(), state.size(), MSG_NOSIGNAL,
            reinterpret_cast<const sockaddr*>(&to), size
        );
    }
}

}  // namespace

void notify_ready() {
    notify("READY=1");
}

// The time lets the manager tell the READY=1 of this reload from one of before.
void notify_reloading() {
    constexpr std::int64_t kUsPerS = 1'000'000;
    constexpr std::int64_t kNsPerUs = 1'000;
    timespec now{};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    notify(
        fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now.tv_sec * kUsPerS + now.tv_nsec / kNsPerUs)
    );
}

void notify_stopping() {
    notify("STOPPING=1");
}

}  // namespace phantom::daemon
