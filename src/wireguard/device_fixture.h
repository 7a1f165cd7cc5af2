#pragma once

// Two hosts that know each other, and time that passes in small steps.

#include <algorithm>

#include <gtest/gtest.h>

#include "wireguard/test_host.h"

namespace phantom::wireguard::test {

class DeviceTest : public testing::Test {
  protected:
    DeviceTest() {
        a.add_peer(b);
        b.add_peer(a);
        a.up();
        b.up();
    }

    void exchange() { test::exchange({&a, &b}); }

    // In steps, so that no timer is late by more than `step`.
    void pass(Duration by, Duration step = 100ms) {
        const Instant end = clock.now + by;
        while (clock.now < end) {
            clock.advance(std::min(step, Duration(end - clock.now)));
            a.tick();
            b.tick();
            exchange();
        }
    }
    // The same, but nothing that either side says arrives.
    void pass_unheard(Duration by, Duration step = 100ms) {
        const Instant end = clock.now + by;
        while (clock.now < end) {
            clock.advance(std::min(step, Duration(end - clock.now)));
            a.tick();
            b.tick();
        }
    }

    // A session that `a` began, used in both directions, both timers' questions answered.
    void establish() {
        a.send_to(b);
        exchange();
        b.send_to(a);
        exchange();
        a.sent.clear();
        b.sent.clear();
    }

    [[nodiscard]] static std::size_t count(const Host& host, wire::MessageType type) {
        return static_cast<std::size_t>(std::ranges::count_if(host.sent, [&](const Datagram& each) {
            return each.bytes[0] == static_cast<std::uint8_t>(type);
        }));
    }
    // The first that waits on `host`; it must be of this type.
    [[nodiscard]] static Datagram take(Host& host, wire::MessageType type) {
        if (host.sent.empty()) {
            throw std::runtime_error("nothing was sent");
        }
        Datagram taken = std::move(host.sent.front());
        host.sent.pop_front();
        EXPECT_EQ(taken.bytes[0], static_cast<std::uint8_t>(type));
        return taken;
    }
    [[nodiscard]] Session* sending(Host& from, Host& to) { return from.path_to(to).sending.load(); }
    [[nodiscard]] static wire::SocketAddress endpoint_of(Host& host, const Host& peer) {
        return host.path_to(peer).endpoint.load()->remote;
    }
    static void change_peer(Host& host, const Host& peer, auto change) {
        PeerUpdate update;
        update.public_key = peer.public_key;
        change(update);
        host.apply_peer(update);
    }

    static constexpr auto kInitiation = wire::MessageType::kInitiation;
    static constexpr auto kResponse = wire::MessageType::kResponse;
    static constexpr auto kCookieReply = wire::MessageType::kCookieReply;
    static constexpr auto kTransport = wire::MessageType::kTransport;

    Clock clock;
    Host a{clock, 1, 1};
    Host b{clock, 2, 2};
};

}  // namespace phantom::wireguard::test
