#include "intake/listen_address.h"

#include <sys/un.h>

namespace phantom::intake {

std::optional<ListenAddress> ListenAddress::parse(std::string_view text) {
    constexpr std::string_view kUdpScheme = "udp://";
    constexpr std::string_view kTcpScheme = "tcp://";
    constexpr std::string_view kUnixScheme = "unix:";
    ListenAddress listen;
    if (text.starts_with(kUnixScheme)) {
        listen.kind = Kind::kUnix;
        listen.path = text.substr(kUnixScheme.size());
        const bool fits = listen.path.size() < sizeof(sockaddr_un::sun_path);
        return listen.path.starts_with('/') && fits ? std::optional(listen) : std::nullopt;
    }
    const bool is_udp = text.starts_with(kUdpScheme);
    if (!is_udp && !text.starts_with(kTcpScheme)) {
        return std::nullopt;
    }
    listen.kind = is_udp ? Kind::kUdp : Kind::kTcp;
    const auto address = wire::SocketAddress::parse(text.substr(kUdpScheme.size()));
    if (!address || address->port == 0) {
        return std::nullopt;
    }
    listen.address = *address;
    return listen;
}

}  // namespace phantom::intake
