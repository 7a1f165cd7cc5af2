#pragma once

// The text of resolv.conf(5): who is asked for names, and how. No I/O.

#include <string>
#include <vector>

#include "wire/address.h"

namespace phantom::names {

inline constexpr std::size_t kResolvConfSizeMax = std::size_t{64} << 10U;

struct ResolvConf {
    // In their order. An address with a scope ("fe80::1%eth0") is left out.
    std::vector<wire::SocketAddress> servers;
    // Lines that say how to ask, as they stood: search, domain, options, sortlist.
    std::vector<std::string> kept;

    // systemd-resolved's stub is who is asked (systemd-resolved.service(8)).
    [[nodiscard]] bool asks_resolved() const;
};

// Takes whatever is there, as the C library does.
[[nodiscard]] ResolvConf parse_resolv_conf(std::string_view text);

// The same, but that `server` is asked.
[[nodiscard]] std::string resolv_conf_asking(const wire::Address& server, const ResolvConf& before);

}  // namespace phantom::names
