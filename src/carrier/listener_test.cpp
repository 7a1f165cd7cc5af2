// The real listener on loopback, and clients that mean no good.

#include <functional>

#include "carrier/carrier_fixture.h"
#include "carrier/worker.h"

namespace phantom::carrier {
namespace {

using namespace std::chrono_literals;
using testing::FakeTunnel;
using testing::local;
using testing::transport;

constexpr Duration kTestPatience = 10s;
constexpr Limits kShort{.handshake = 300ms, .answer = 600ms, .silence = 2s};

void pause(Duration duration) {
    const timespec time{.tv_sec = 0, .tv_nsec = duration.count()};
    (void)nanosleep(&time, nullptr);
}

bool eventually(const std::function<bool()>& holds) {
    const Instant end = monotonic_now() + kTestPatience;
    while (!holds() && monotonic_now() < end) {
        pause(10ms);
    }
    return holds();
}

io::Fd connect_to(std::uint16_t port) {
    io::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_storage address{};
    const socklen_t size = io::to_sockaddr(local(port), address);
    EXPECT_EQ(connect(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    (void)setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

// The other end has ended it.
bool is_closed(const io::Fd& fd) {
    std::array<std::uint8_t, 4'096> bytes;
    for (;;) {
        const ssize_t got = recv(fd.get(), bytes.data(), bytes.size(), 0);
        if (got <= 0) {
            return got == 0 || errno == ECONNRESET;
        }
    }
}

// A client that has done the TLS handshake; its socket blocks.
struct TlsClient {
    explicit TlsClient(std::uint16_t port)
        : context(*TlsContext::client()),
          socket(connect_to(port)),
          stream(*TlsStream::over(context, socket.get(), TlsStream::Side::kConnects)) {
        EXPECT_TRUE(stream.shake_hands().value_or(false));
    }
    void send(ByteView bytes) { EXPECT_TRUE(stream.write(bytes)); }
    void send_frame(ByteView datagram) {
        FrameQueue queue;
        EXPECT_TRUE(queue.add(datagram));
        send(queue.front());
    }

    TlsContext context;
    io::Fd socket;
    TlsStream stream;
};

class Listener : public ::testing::Test {
  protected:
    void start(const Limits& limits = {}) {
        auto started = Carrier::start({.tunnel_port = tunnel_.port(), .limits = limits});
        ASSERT_TRUE(started);
        carrier_ = std::move(*started);
        const auto port = carrier_->listen(0);
        ASSERT_TRUE(port);
        port_ = *port;
    }
    [[nodiscard]] bool counts(std::size_t connections) const {
        return eventually([&] { return carrier_->connection_count() == connections; });
    }
    // A datagram each way: the connection is answered.
    void answer(TlsClient& client) const {
        client.send_frame(transport(64));
        wire::SocketAddress from;
        ASSERT_EQ(tunnel_.receive(from), 64U);
        tunnel_.send(transport(64), from);
        std::array<std::uint8_t, kRecordSizeMax> bytes;
        ASSERT_EQ(client.stream.read(bytes).value_or(0), kFrameHeaderSize + 64);
    }

    FakeTunnel tunnel_;
    std::unique_ptr<Carrier> carrier_;
    std::uint16_t port_ = 0;
};

TEST_F(Listener, cuts_off_who_connects_and_says_nothing) {
    start(kShort);
    const io::Fd silent = connect_to(port_);
    EXPECT_TRUE(is_closed(silent));
    EXPECT_TRUE(counts(0));
}

TEST_F(Listener, cuts_off_who_sends_its_handshake_a_byte_at_a_time) {
    start(kShort);
    const io::Fd slow = connect_to(port_);
    // The head of a TLS record that promises more than ever comes.
    const std::array<std::uint8_t, 5> head{0x16, 0x03, 0x01, 0x02, 0x00};
    const Instant begin = monotonic_now();
    const std::uint8_t filler = 1;
    ASSERT_EQ(send(slow.get(), head.data(), head.size(), MSG_NOSIGNAL), 5);
    while (send(slow.get(), &filler, 1, MSG_NOSIGNAL) == 1 &&
           monotonic_now() - begin < kTestPatience) {
        pause(50ms);
    }
    EXPECT_LT(monotonic_now() - begin, kTestPatience);
    EXPECT_TRUE(counts(0));
}

TEST_F(Listener, cuts_off_who_speaks_no_tls) {
    start();
    const io::Fd stranger = connect_to(port_);
    const std::string_view request = "GET / HTTP/1.1\r\nHost: amber\r\n\r\n";
    ASSERT_GT(send(stranger.get(), request.data(), request.size(), MSG_NOSIGNAL), 0);
    EXPECT_TRUE(is_closed(stranger));
    EXPECT_TRUE(counts(0));
}

TEST_F(Listener, cuts_off_whom_wireguard_does_not_answer) {
    start(kShort);
    TlsClient client(port_);
    client.send_frame(transport(64));
    wire::SocketAddress from;
    ASSERT_EQ(tunnel_.receive(from), 64U);
    EXPECT_TRUE(is_closed(client.socket));
    EXPECT_TRUE(counts(0));
}

TEST_F(Listener, keeps_who_is_answered_until_it_falls_silent) {
    start(kShort);
    TlsClient client(port_);
    answer(client);
    pause(kShort.answer + 100ms);
    EXPECT_EQ(carrier_->connection_count(), 1U);
    // Half a frame is no datagram.
    client.send(std::array<std::uint8_t, 3>{1, 0, 4});
    EXPECT_TRUE(is_closed(client.socket));
    EXPECT_TRUE(counts(0));
}

TEST_F(Listener, ends_a_stream_with_a_frame_that_is_too_large) {
    start();
    TlsClient client(port_);
    client.send(
        std::array<std::uint8_t, 2>{(kCarriedSizeMax + 1) >> 8U, (kCarriedSizeMax + 1) & 0xffU}
    );
    EXPECT_TRUE(is_closed(client.socket));
    EXPECT_TRUE(counts(0));
}

TEST_F(Listener, ends_a_stream_that_carries_something_else) {
    start();
    TlsClient client(port_);
    client.send(std::array<std::uint8_t, 6>{0, 4, 'a', 'b', 'c', 'd'});
    EXPECT_TRUE(is_closed(client.socket));
    EXPECT_TRUE(counts(0));
}

TEST_F(Listener, survives_a_reset_in_the_middle_of_a_frame) {
    start();
    {
        TlsClient client(port_);
        answer(client);
        client.send(std::array<std::uint8_t, 3>{1, 0, 4});
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        (void)setsockopt(client.socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    EXPECT_TRUE(counts(0));
    TlsClient next(port_);
    answer(next);
}

TEST_F(Listener, one_source_cannot_hold_more_than_its_share_and_not_by_force) {
    start();
    TlsClient member(port_);
    answer(member);
    std::vector<io::Fd> crowd;
    for (std::size_t count = 0; count < 3 * kUnansweredPerSourceMax; ++count) {
        crowd.push_back(connect_to(port_));
    }
    EXPECT_TRUE(eventually([&] {
        return carrier_->counters().accepted == 3 * kUnansweredPerSourceMax + 1;
    }));
    EXPECT_LE(carrier_->connection_count(), kUnansweredPerSourceMax + 1);
    EXPECT_TRUE(is_closed(crowd.front())) << "the oldest gave way";
    answer(member);  // who is answered stays
}

TEST_F(Listener, drops_what_a_reader_that_reads_nothing_has_no_room_for) {
    start();
    TlsClient lazy(port_);
    lazy.send_frame(transport(64));
    wire::SocketAddress from;
    ASSERT_EQ(tunnel_.receive(from), 64U);
    const auto& dropped = carrier_->counters().dropped;
    const Instant end = monotonic_now() + kTestPatience;
    while (dropped == 0 && monotonic_now() < end) {
        for (int burst = 0; burst < 64; ++burst) {
            tunnel_.send(transport(1'452), from);
        }
        pause(1ms);
    }
    EXPECT_GT(dropped, 0U);
    // Others are served meanwhile.
    TlsClient other(port_);
    answer(other);
}

TEST(Source, is_an_address_or_the_network_of_one_customer) {
    const auto address = [](const char* text) { return *wire::Address::parse(text); };
    EXPECT_TRUE(is_same_source(address("192.0.2.1"), address("192.0.2.1")));
    EXPECT_FALSE(is_same_source(address("192.0.2.1"), address("192.0.2.2")));
    EXPECT_TRUE(is_same_source(address("2001:db8::1"), address("2001:db8::2")));
    EXPECT_FALSE(is_same_source(address("2001:db8::1"), address("2001:db8:0:1::1")));
    EXPECT_FALSE(is_same_source(address("192.0.2.1"), address("2001:db8::1")));
}

}  // namespace
}  // namespace phantom::carrier
