#pragma once

// For tests: a plain UDP socket in the place of a tunnel.

#include <array>
#include <ctime>
#include <optional>
#include <vector>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "carrier/carrier.h"
#include "io/fd.h"
#include "io/udp_address.h"

namespace phantom::carrier::testing {

inline wire::SocketAddress local(std::uint16_t port) {
    constexpr std::array<std::uint8_t, 4> kLoopback{127, 0, 0, 1};
    return {.address = wire::Address::v4(kLoopback.data()), .port = port, .scope = 0};
}

inline std::vector<std::uint8_t> transport(std::size_t size) {
    std::vector<std::uint8_t> made(size, 9);
    store_le<std::uint32_t>(made.data(), 4);
    return made;
}

class FakeTunnel {
  public:
    FakeTunnel() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_storage address{};
        const socklen_t size = io::to_sockaddr(local(0), address);
        EXPECT_EQ(bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
        socklen_t bound = sizeof address;
        EXPECT_EQ(getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &bound), 0);
        port_ = io::from_sockaddr(address).port;
        const timeval patience{.tv_sec = 5, .tv_usec = 0};
        (void)setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    [[nodiscard]] std::uint16_t port() const { return port_; }
    void send(ByteView datagram, const wire::SocketAddress& to) const {
        sockaddr_storage address{};
        const socklen_t size = io::to_sockaddr(to, address);
        EXPECT_GT(
            sendto(
                fd_.get(), datagram.data(), datagram.size(), 0,
                reinterpret_cast<sockaddr*>(&address), size
            ),
            0
        );
    }
    // Its size, and from where.
    std::size_t receive(wire::SocketAddress& from) const {
        std::array<std::uint8_t, 4'096> buffer;
        sockaddr_storage address{};
        socklen_t size = sizeof address;
        const ssize_t got = recvfrom(
            fd_.get(), buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&address), &size
        );
        from = io::from_sockaddr(address);
        return got < 0 ? 0 : static_cast<std::size_t>(got);
    }

  private:
    io::Fd fd_;
    std::uint16_t port_ = 0;
};

inline std::optional<News> wait_news(Carrier& carrier) {
    for (int tries = 0; tries < 500; ++tries) {
        const auto news = carrier.take_news();
        if (!news.empty()) {
            return news.front();
        }
        const timespec pause{.tv_sec = 0, .tv_nsec = 10'000'000};
        (void)nanosleep(&pause, nullptr);
    }
    return std::nullopt;
}

}  // namespace phantom::carrier::testing
