#include "io/udp.h"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>

#include "base/random.h"

namespace phantom::io {
namespace {

using Bytes = std::vector<std::uint8_t>;

wire::Endpoint loopback(wire::Family family, std::uint16_t port) {
    wire::Endpoint endpoint;
    endpoint.remote.address =
        *wire::Address::parse(family == wire::Family::kV4 ? "127.0.0.1" : "::1");
    endpoint.remote.port = port;
    return endpoint;
}

class UdpSocketTest : public testing::TestWithParam<wire::Family> {
  protected:
    void SetUp() override {
        auto sender = UdpSocket::open({});
        auto receiver = UdpSocket::open({});
        ASSERT_TRUE(sender && receiver);
        sender_ = std::move(*sender);
        receiver_ = std::move(*receiver);
        if (fd() < 0) {
            GTEST_SKIP() << "this kernel has no such address family";
        }
        to_ = loopback(GetParam(), receiver_->port());
    }
    [[nodiscard]] int fd() const {
        return GetParam() == wire::Family::kV4 ? receiver_->fd_v4() : receiver_->fd_v6();
    }
    // Datagrams as they arrive, until `count` are there or nothing comes.
    std::vector<Bytes> take(std::size_t count) {
        std::vector<Bytes> datagrams;
        pollfd wait{.fd = fd(), .events = POLLIN, .revents = 0};
        while (datagrams.size() < count && poll(&wait, 1, 2000) == 1) {
            for (const Received& received : receiver_->receive(fd())) {
                last_from_ = received.from;
                last_tos_ = received.tos;
                for (std::size_t at = 0; at < received.bytes.size(); at += received.segment_size) {
                    const auto part = received.bytes.subspan(
                        at, std::min(received.segment_size, received.bytes.size() - at)
                    );
                    datagrams.emplace_back(part.begin(), part.end());
                }
            }
        }
        return datagrams;
    }
    std::unique_ptr<UdpSocket> sender_;
    std::unique_ptr<UdpSocket> receiver_;
    wire::Endpoint to_;
    wire::Endpoint last_from_;
    std::uint8_t last_tos_ = 0;
};

TEST_P(UdpSocketTest, carries_a_run_of_equal_datagrams_and_a_short_tail) {
    Bytes bytes(10 * 1000 + 123);
    SeededRandom(1).fill(bytes);
    const SendRun run{bytes.data(), bytes.size(), 1000, 11, &to_, 2};
    sender_->send({&run, 1});
    const auto got = take(11);
    ASSERT_EQ(got.size(), 11U);
    EXPECT_EQ(got[0], Bytes(bytes.begin(), bytes.begin() + 1000));
    EXPECT_EQ(got[10].size(), 123U);
    EXPECT_EQ(last_tos_, 2) << "the ECN bits travel";
    EXPECT_EQ(last_from_.remote.port, sender_->port());
    EXPECT_EQ(last_from_.source, to_.remote.address) << "the local address it came to";
}

TEST_P(UdpSocketTest, sends_singly_for_good_once_segmentation_is_refused) {
    sender_->faults().gso_errno = EIO;
    Bytes bytes(3000, 7);
    const SendRun run{bytes.data(), bytes.size(), 1000, 3, &to_, 0};
    sender_->send({&run, 1});
    EXPECT_EQ(take(3).size(), 3U);
    EXPECT_FALSE(sender_->offloads().gso);
    sender_->faults().gso_errno = 0;
    sender_->send({&run, 1});
    EXPECT_EQ(take(3).size(), 3U);
}

TEST_P(UdpSocketTest, forgets_a_source_address_that_is_gone) {
    to_.source =
        *wire::Address::parse(GetParam() == wire::Family::kV4 ? "192.0.2.77" : "2001:db8::77");
    Bytes bytes(2000, 7);
    const SendRun run{bytes.data(), bytes.size(), 1000, 2, &to_, 0};
    sender_->send({&run, 1});
    EXPECT_EQ(take(2).size(), 2U);
    EXPECT_EQ(sender_->send_counters().source_forgotten, 2U);
    EXPECT_TRUE(sender_->offloads().gso) << "segmentation was not at fault";
}

TEST_P(UdpSocketTest, answers_from_the_address_that_received) {
    Bytes byte(1, 1);
    to_.remote.address =
        *wire::Address::parse(GetParam() == wire::Family::kV4 ? "127.0.0.9" : "::1");
    ASSERT_TRUE(sender_->send_one(byte, to_, 0));
    ASSERT_EQ(take(1).size(), 1U);
    ASSERT_TRUE(receiver_->send_one(byte, last_from_, 0));
    std::swap(sender_, receiver_);
    ASSERT_EQ(take(1).size(), 1U);
    EXPECT_EQ(last_from_.remote.address, to_.remote.address);
}

TEST_P(UdpSocketTest, counts_what_the_kernel_refuses) {
    Bytes bytes(70'000, 7);
    const SendRun run{bytes.data(), bytes.size(), bytes.size(), 1, &to_, 0};
    sender_->send({&run, 1});
    EXPECT_EQ(sender_->send_counters().dropped_datagrams, 1U);
}

INSTANTIATE_TEST_SUITE_P(
    Family, UdpSocketTest, testing::Values(wire::Family::kV4, wire::Family::kV6),
    [](const auto& instance) { return instance.param == wire::Family::kV4 ? "v4" : "v6"; }
);

TEST(UdpSocket, refuses_a_port_somebody_else_has) {
    const auto first = UdpSocket::open({});
    ASSERT_TRUE(first);
    UdpSocket::Options options;
    options.port = (*first)->port();
    const auto second = UdpSocket::open(options);
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().is(IoError::kSocketBind));
    EXPECT_EQ(second.error().detail(), static_cast<std::uint32_t>(EADDRINUSE));
}

TEST(Offloads, print_and_restrict) {
    Offloads offloads;
    EXPECT_EQ(offloads.to_string(), "tso uso gso(128) gro");
    EXPECT_TRUE(offloads.restrict_by("-tso,-gro"));
    EXPECT_EQ(offloads.to_string(), "uso gso(128)");
    EXPECT_FALSE(offloads.restrict_by("-uso,-nonsense"));
    EXPECT_EQ(offloads.to_string(), "uso gso(128)") << "nothing changed";
    EXPECT_TRUE(offloads.restrict_by("-uso,-gso"));
    EXPECT_EQ(offloads.to_string(), "none");
}

}  // namespace
}  // namespace phantom::io
