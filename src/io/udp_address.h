#pragma once

// Between wire::Endpoint and what the socket calls take.

#include <cstddef>
#include <cstdint>

#include <netinet/in.h>
#include <sys/socket.h>

#include "wire/address.h"

namespace phantom::io {

// Returns the size used in `out`.
socklen_t to_sockaddr(const wire::SocketAddress& from, sockaddr_storage& out);
[[nodiscard]] wire::SocketAddress from_sockaddr(const sockaddr_storage& from);

// Room for packet info, TOS and a segment size.
inline constexpr std::size_t kControlSize =
    CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(int));

struct ReceiveInfo {
    wire::Address local;
    std::uint32_t interface = 0;
    std::uint8_t tos = 0;
    std::size_t segment_size = 0;  // 0: a single datagram
};
[[nodiscard]] ReceiveInfo read_control(msghdr& message);

// Writes source, TOS and segment size into message.msg_control, sets msg_controllen. A segment
// size of 0 asks for no GSO: Linux refuses one that is not smaller than the payload.
void write_control(
    msghdr& message, const wire::Endpoint& to, std::uint8_t tos, std::uint16_t segment_size
);

}  // namespace phantom::io
