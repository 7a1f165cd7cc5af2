#pragma once

// Two tunnels (or more, for who relays) in one process and one network namespace of the test's own,
// with real TUN devices and sockets: TCP and UDP from the first to the second, checked to the byte,
// with every offload on, off, and refused by the kernel while traffic flows.
//
// Each end's application socket is bound to its TUN device, so that the kernel does not take the
// short way between two local addresses.

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "dataplane/tunnel.h"
#include "io/udp_address.h"

namespace phantom::dataplane::test {

inline constexpr int kWaitMs = 10'000;

inline void write_file(const char* path, const char* text) {
    std::ofstream(path) << text;
}

inline wire::SocketAddress inner_address(std::uint8_t end, std::uint16_t port) {
    const std::uint8_t bytes[4] = {10, 1, 0, end};
    return {.address = wire::Address::v4(bytes), .port = port};
}

inline bool bring_up(const std::string& name, const wire::SocketAddress* address) {
    const io::Fd control(socket(AF_INET, SOCK_DGRAM, 0));
    ifreq request{};
    name.copy(request.ifr_name, IFNAMSIZ - 1);
    if (address != nullptr) {
        sockaddr_storage storage{};
        (void)io::to_sockaddr(*address, storage);
        std::memcpy(&request.ifr_addr, &storage, sizeof request.ifr_addr);
        if (ioctl(control.get(), SIOCSIFADDR, &request) != 0) {
            return false;
        }
        sockaddr_in mask{};
        mask.sin_family = AF_INET;
        mask.sin_addr.s_addr = htonl(0xffffff00U);
        std::memcpy(&request.ifr_netmask, &mask, sizeof mask);
        if (ioctl(control.get(), SIOCSIFNETMASK, &request) != 0) {
            return false;
        }
    }
    request.ifr_flags = IFF_UP;
    return ioctl(control.get(), SIOCSIFFLAGS, &request) == 0;
}

struct End {
    std::string name;
    crypto::PrivateKey private_key;
    std::unique_ptr<Tunnel> tunnel;
    std::uint16_t port = 0;
};

// The namespace was made.
inline bool g_usable = false;

class TunnelTest : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        log::configure(log::Level::kError, "test");
        g_usable = crypto::check_library().has_value() && unshare(CLONE_NEWNET) == 0 &&
                   bring_up("lo", nullptr);
        if (g_usable) {
            for (const char* scope : {"all", "default"}) {
                const std::string base = std::string("/proc/sys/net/ipv4/conf/") + scope;
                write_file((base + "/accept_local").c_str(), "1");
                write_file((base + "/rp_filter").c_str(), "0");
            }
        }
    }
    void SetUp() override {
        if (!g_usable) {
            GTEST_SKIP() << "needs root to make a network namespace";
        }
        auto loop = io::EventLoop::create();
        ASSERT_TRUE(loop);
        loop_ = std::make_unique<io::EventLoop>(std::move(*loop));
    }
    void TearDown() override {
        stop();
        for (End& end : ends_) {
            end.tunnel.reset();
        }
    }

    void start(const io::Offloads& offloads, std::size_t queue_count = 1) {
        open(offloads, queue_count);
        on_control([this] {
            introduce(0, 1);
            introduce(1, 0);
            return true;
        });
    }

    // Every end with its address, and none knows another.
    void open(const io::Offloads& offloads, std::size_t queue_count) {
        for (std::uint8_t index = 0; index < ends_.size(); ++index) {
            End& end = ends_[index];
            end.name = std::string("t") + static_cast<char>('a' + index);
            end.private_key = crypto::generate_private_key(random_);
            auto tun = io::Tun::create(end.name, queue_count, offloads);
            ASSERT_TRUE(tun) << tun.error().message();
            ASSERT_TRUE(io::set_mtu(tun->queues[0].fd(), kDefaultMtu));
            end.tunnel = std::make_unique<Tunnel>(
                std::move(*tun), TunnelOptions{.offloads = offloads}, *loop_, random_
            );
            ASSERT_TRUE(end.tunnel->start());
            const auto address = inner_address(static_cast<std::uint8_t>(index + 1), 0);
            ASSERT_TRUE(bring_up(end.name, &address));
        }
        control_ = std::thread([this] { run_control(); });
        ASSERT_TRUE(eventually([this] {
            return on_control([this] {
                for (End& end : ends_) {
                    end.port = end.tunnel->status().listen_port;
                }
                return std::ranges::all_of(ends_, [](const End& end) { return end.port != 0; });
            });
        }));
    }

    void introduce(std::size_t self, std::size_t other) {
        ASSERT_TRUE(ends_[self].tunnel->apply(introduction(self, other)));
    }
    wireguard::DeviceUpdate introduction(std::size_t self, std::size_t other) const {
        const std::uint8_t loopback[4] = {127, 0, 0, 1};
        wireguard::PeerUpdate peer;
        peer.public_key = crypto::public_key_of(ends_[other].private_key);
        peer.endpoint = {.address = wire::Address::v4(loopback), .port = ends_[other].port};
        peer.allowed_ips.push_back(
            {.prefix = wire::Prefix::of(
                 inner_address(static_cast<std::uint8_t>(other + 1), 0).address, 32
             )}
        );
        wireguard::DeviceUpdate update;
        update.private_key = ends_[self].private_key;
        update.peers.push_back(peer);
        return update;
    }

    void run_control() {
        while (!stopping_.load()) {
            (void)loop_->run_once(std::chrono::milliseconds(2));
            for (End& end : ends_) {
                end.tunnel->tick();
            }
            const std::scoped_lock lock(task_mutex_);
            if (task_) {
                task_result_ = task_();
                task_ = nullptr;
                task_done_.notify_all();
            }
        }
    }
    bool on_control(std::function<bool()> task) {
        std::unique_lock lock(task_mutex_);
        task_ = std::move(task);
        task_done_.wait(lock, [this] { return !task_; });
        return task_result_;
    }
    static bool eventually(const std::function<bool()>& holds) {
        for (int waited = 0; waited < kWaitMs; waited += 5) {
            if (holds()) {
                return true;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return false;
    }
    void stop() {
        if (control_.joinable()) {
            stopping_ = true;
            control_.join();
        }
    }

    // An application's socket at one end, bound to its TUN device and address.
    io::Fd application(std::size_t index, int type, std::uint16_t port) {
        io::Fd fd(socket(AF_INET, type | SOCK_CLOEXEC, 0));
        const std::string& name = ends_[index].name;
        const int on = 1;
        EXPECT_EQ(
            setsockopt(
                fd.get(), SOL_SOCKET, SO_BINDTODEVICE, name.c_str(),
                static_cast<socklen_t>(name.size())
            ),
            0
        );
        EXPECT_EQ(setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
        sockaddr_storage address{};
        const socklen_t size =
            io::to_sockaddr(inner_address(static_cast<std::uint8_t>(index + 1), port), address);
        EXPECT_EQ(bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
        return fd;
    }
    static bool readable(int fd) {
        pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
        return poll(&wait, 1, kWaitMs) == 1;
    }

    // Sends `bytes` from end 0 to end 1 over TCP. True: they arrived as they were.
    bool tcp_carries(const std::vector<std::uint8_t>& bytes) {
        const io::Fd listener = application(1, SOCK_STREAM, 5000);
        EXPECT_EQ(listen(listener.get(), 1), 0);
        const io::Fd client = application(0, SOCK_STREAM, 0);
        sockaddr_storage address{};
        const socklen_t size = io::to_sockaddr(inner_address(2, 5000), address);
        std::thread sender([&] {
            if (connect(client.get(), reinterpret_cast<sockaddr*>(&address), size) != 0) {
                return;
            }
            for (std::size_t sent = 0; sent < bytes.size();) {
                const ssize_t count =
                    send(client.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
                if (count <= 0) {
                    return;
                }
                sent += static_cast<std::size_t>(count);
            }
            shutdown(client.get(), SHUT_WR);
        });
        std::vector<std::uint8_t> got;
        if (readable(listener.get())) {
            const io::Fd server(accept(listener.get(), nullptr, nullptr));
            std::vector<std::uint8_t> part(1U << 16U);
            while (readable(server.get())) {
                const ssize_t count = recv(server.get(), part.data(), part.size(), 0);
                if (count <= 0) {
                    break;
                }
                got.insert(got.end(), part.begin(), part.begin() + count);
            }
        }
        shutdown(client.get(), SHUT_RDWR);
        sender.join();
        return got == bytes;
    }

    // Datagrams of many sizes, one at a time and in super-packets. True: each arrived as it was.
    bool udp_carries() {
        const io::Fd receiver = application(1, SOCK_DGRAM, 5001);
        const io::Fd sender = application(0, SOCK_DGRAM, 0);
        sockaddr_storage address{};
        const socklen_t size = io::to_sockaddr(inner_address(2, 5001), address);
        std::vector<std::uint8_t> sent(20'000);
        std::vector<std::uint8_t> got(1U << 16U);
        random_.fill(sent);
        constexpr std::array<std::size_t, 11> kSizes{0,    1,    15,   16,   17,    1000,
                                                     1391, 1392, 1393, 5000, 20'000};
        for (const std::size_t length : kSizes) {
            if (sendto(
                    sender.get(), sent.data(), length, 0, reinterpret_cast<sockaddr*>(&address),
                    size
                ) < 0 ||
                !readable(receiver.get())) {
                return false;
            }
            const ssize_t count = recv(receiver.get(), got.data(), got.size(), 0);
            if (count != static_cast<ssize_t>(length) ||
                std::memcmp(got.data(), sent.data(), length) != 0) {
                return false;
            }
        }
        for (const int segment : {1, 100, 1200}) {
            const std::size_t total = static_cast<std::size_t>(segment) * 9 + 1;
            (void)setsockopt(sender.get(), SOL_UDP, UDP_SEGMENT, &segment, sizeof segment);
            if (sendto(
                    sender.get(), sent.data(), total, 0, reinterpret_cast<sockaddr*>(&address), size
                ) < 0) {
                return false;
            }
            for (std::size_t at = 0; at < total;) {
                if (!readable(receiver.get())) {
                    return false;
                }
                const ssize_t count = recv(receiver.get(), got.data(), got.size(), 0);
                if (count <= 0 || count > segment ||
                    std::memcmp(got.data(), sent.data() + at, static_cast<std::size_t>(count)) !=
                        0) {
                    return false;
                }
                at += static_cast<std::size_t>(count);
            }
        }
        return true;
    }

    std::vector<std::uint8_t> payload(std::size_t size) {
        std::vector<std::uint8_t> bytes(size);
        SeededRandom random(size);
        random.fill(bytes);
        return bytes;
    }

    SystemRandom random_;
    std::unique_ptr<io::EventLoop> loop_;
    std::vector<End> ends_ = std::vector<End>(2);

    std::thread control_;
    std::atomic<bool> stopping_{false};
    std::mutex task_mutex_;
    std::condition_variable task_done_;
    std::function<bool()> task_;
    bool task_result_ = false;
};

}  // namespace phantom::dataplane::test
