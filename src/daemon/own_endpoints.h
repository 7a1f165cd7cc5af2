#pragma once

// Where this machine can be reached: the addresses of its interfaces, as the kernel lists them.

#include <string>
#include <vector>

#include "wire/address.h"

namespace phantom::daemon {

// Global addresses with `port`, without those of loopback and of `except`; IPv4 first.
[[nodiscard]] std::vector<wire::SocketAddress> own_endpoints(
    std::uint16_t port, const std::string& except
);

// An address, or a name looked up now (blocks for the resolver). Empty: nobody knows it.
[[nodiscard]] std::vector<wire::SocketAddress> look_up(const std::string& host, std::uint16_t port);

}  // namespace phantom::daemon
