#pragma once

// Which process has a port, as /proc tells.

#include <cstdint>
#include <string>

namespace phantom::doctor {

struct PortHolder {
    int pid = 0;  // 0: nobody's, or of a process that is not ours to look at
    std::string program;
};

[[nodiscard]] PortHolder holder_of(std::uint16_t port, bool is_tcp);

// The inode of the socket that has `port` in the text of /proc/net/udp or tcp (of the latter: that listens there); empty
// where there is none.
[[nodiscard]] std::string socket_inode(const std::string& table, std::uint16_t port, bool is_tcp);

}  // namespace phantom::doctor
