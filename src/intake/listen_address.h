#pragma once

// Where syslog is listened for: udp://127.0.0.1:5514, tcp://[::1]:5514, unix:/run/x/log.

#include <optional>
#include <string>
#include <string_view>

#include "wire/address.h"

namespace phantom::intake {

struct ListenAddress {
    enum class Kind : std::uint8_t { kUdp, kTcp, kUnix };

    Kind kind = Kind::kUdp;
    wire::SocketAddress address;
    std::string path;

    [[nodiscard]] static std::optional<ListenAddress> parse(std::string_view text);
};

}  // namespace phantom::intake
