#pragma once

// The network interface behind a TUN descriptor: its state, its settings, and news of changes, in
// whatever network namespace it is now (it may be moved while we run).
//
// Thread: control. Source: Linux tun(4) TUNGETDEVNETNS, rtnetlink(7).

#include <cstdint>
#include <string>

#include "base/result.h"
#include "io/errors.h"
#include "io/fd.h"
#include "wire/address.h"

namespace phantom::io {

struct LinkState {
    bool exists = false;
    bool up = false;
    std::uint32_t mtu = 0;

    friend bool operator==(const LinkState&, const LinkState&) = default;
};

// A socket in the namespace of the TUN interface behind `tun_fd`.
[[nodiscard]] Result<Fd> socket_beside(int tun_fd, int family, int type, int protocol);

// The name the interface has now; it may be renamed.
[[nodiscard]] Result<std::string> link_name(int tun_fd);

[[nodiscard]] Status set_mtu(int tun_fd, std::uint32_t mtu);

struct QueueLimits {
    std::uint32_t transmit_queue_length;  // packets waiting for us, super-packets counted as one
    std::uint32_t gso_segments_max;       // of one super-packet
};
[[nodiscard]] Status set_queue_limits(int tun_fd, const QueueLimits& limits);

[[nodiscard]] Status bring_up(int tun_fd);
// With the route to the rest of its prefix. An address that is there already stays.
[[nodiscard]] Status add_address(
    int tun_fd, const wire::Address& address, std::uint8_t prefix_length
);

class LinkMonitor {
  public:
    [[nodiscard]] static Result<LinkMonitor> open(int tun_fd);

    // Readable when something about links changed in the interface's namespace.
    [[nodiscard]] int fd() const { return events_.get(); }
    // Reads all news and then the state. When the interface has moved to another namespace, fd()
    // is a new descriptor afterwards.
    [[nodiscard]] LinkState refresh();

  private:
    LinkMonitor(int tun_fd, Fd events) : tun_fd_(tun_fd), events_(std::move(events)) {}
    [[nodiscard]] bool follow();

    int tun_fd_;
    Fd events_;
    std::uint64_t namespace_inode_ = 0;
};

// Readable when an address or a route changed in this process's namespace: sticky source addresses
// may be stale then.
class RouteMonitor {
  public:
    [[nodiscard]] static Result<RouteMonitor> open();
    [[nodiscard]] int fd() const { return events_.get(); }
    // Reads all news. True: there was some.
    [[nodiscard]] bool drain();

  private:
    explicit RouteMonitor(Fd events) : events_(std::move(events)) {}
    Fd events_;
};

}  // namespace phantom::io
