#include "io/errors.h"

#include <cerrno>

namespace phantom::io {

namespace {

const char* describe(std::uint16_t code) {
    switch (static_cast<IoError>(code)) {
        case IoError::kTunOpen:
            return "cannot open /dev/net/tun (is the tun module loaded, and CAP_NET_ADMIN held?)";
        case IoError::kTunCreate:
            return "cannot create the TUN interface";
        case IoError::kTunOffload:
            return "the TUN interface refuses offloads";
        case IoError::kTunRead:
            return "cannot read from the TUN interface";
        case IoError::kTunWrite:
            return "cannot write to the TUN interface";
        case IoError::kTunGone:
            return "the TUN interface was deleted";
        case IoError::kLink:
            return "cannot read or set a link property";
        case IoError::kSocketOpen:
            return "cannot open a socket";
        case IoError::kSocketBind:
            return "cannot bind the UDP port";
        case IoError::kSocketOption:
            return "cannot set a socket option";
        case IoError::kReceive:
            return "cannot receive";
        case IoError::kSend:
            return "cannot send";
        case IoError::kEpoll:
            return "event loop failed";
        case IoError::kNetlink:
            return "netlink failed";
        case IoError::kNamespace:
            return "cannot enter the network namespace";
    }
    return "unknown error";
}

constexpr ErrorDomain kDomain{"io", describe};

}  // namespace

const ErrorDomain& error_domain(IoError /*code*/) {
    return kDomain;
}

std::unexpected<Error> fail_errno(IoError code) {
    return fail(code, static_cast<std::uint32_t>(errno));
}

}  // namespace phantom::io
