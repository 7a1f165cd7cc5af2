#pragma once

// One question to rtnetlink about the interface behind a TUN descriptor. Thread: control.

#include <cstddef>

#include <linux/netlink.h>

#include "base/result.h"

namespace phantom::io {

inline constexpr std::size_t kRequestSize = 512;

// In the namespace where the interface is now.
[[nodiscard]] Result<int> link_index(int tun_fd);

// Sends the request and waits for the kernel's verdict: kLink with its errno.
[[nodiscard]] Status ask_kernel(int tun_fd, const nlmsghdr* header);

}  // namespace phantom::io
