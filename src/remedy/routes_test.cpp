// Against the real kernel, in a network namespace of this process's own: what is said to lead nowhere does.

#include "remedy/routes.h"

#include <cerrno>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "remedy/kernel_fixture.h"
#include "remedy/kernel_news.h"
#include "remedy/remedy_fixture.h"

namespace phantom::remedy {
namespace {

bool g_routes_usable = false;

Target blackhole(std::string_view to) {
    return {Executor::kRoute, prefix(to)};
}

template <class Place>
bool sends(const Place& place) {
    const auto* any = reinterpret_cast<const sockaddr*>(&place);
    const io::Fd sender(socket(any->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    return sendto(sender.get(), "x", 1, 0, any, sizeof place) == 1;
}
bool leads_somewhere(const char* address) {
    sockaddr_in v4{.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {}, .sin_zero = {}};
    if (inet_pton(AF_INET, address, &v4.sin_addr) == 1) {
        return sends(v4);
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(9);
    PM_ASSERT(inet_pton(AF_INET6, address, &v6.sin6_addr) == 1);
    return sends(v6);
}

class RoutesTest : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        g_routes_usable =
            enter_empty_network() &&
            output_of(
                "ip route add 198.51.100.0/24 dev lo 2>&1; ip route add 203.0.113.0/24 dev lo "
                "2>&1; ip -6 route add 2001:db8:7::/48 dev lo 2>&1; "
                "ip route add blackhole 100.99.0.0/16 table 7 2>&1"
            )
                .empty();
    }
    void SetUp() override {
        if (!g_routes_usable) {
            GTEST_SKIP() << "needs root, a network namespace, ip and nft";
        }
        auto opened = Routes::open();
        ASSERT_TRUE(opened) << opened.error().message();
        routes_ = std::move(*opened);
    }
    static Condition lasting(Duration duration) { return {true, after(wall_now(), duration)}; }

    std::unique_ptr<Routes> routes_;
};

TEST_F(RoutesTest, what_is_blackholed_leads_nowhere_and_then_does) {
    const std::string before = kernel_dump();
    struct Case {
        const char* to;
        const char* inside;
    };
    for (const Case& each :
         {Case{"198.51.100.0/25", "198.51.100.7"}, Case{"2001:db8:7::/64", "2001:db8:7::7"}}) {
        ASSERT_TRUE(leads_somewhere(each.inside)) << each.to;
        const Target target = blackhole(each.to);
        const Condition until = lasting(1h);
        EXPECT_EQ(routes_->read(target, wall_now()).value(), Condition{});
        ASSERT_TRUE(routes_->write(target, until, wall_now()));
        EXPECT_EQ(routes_->read(target, wall_now()).value(), until);
        EXPECT_FALSE(leads_somewhere(each.inside)) << each.to;
        EXPECT_TRUE(leads_somewhere("198.51.100.200")) << "nobody else's";
        ASSERT_TRUE(routes_->write(target, until, wall_now())) << "twice is once";
        EXPECT_EQ(routes_->read_all(wall_now())->size(), 1U);
        ASSERT_TRUE(routes_->write(target, {}, wall_now()));
        ASSERT_TRUE(routes_->write(target, {}, wall_now()));
        EXPECT_TRUE(leads_somewhere(each.inside)) << each.to;
        EXPECT_EQ(kernel_dump(), before);
    }
}

TEST_F(RoutesTest, the_rule_stays_until_the_last_of_them_goes) {
    const std::string before = kernel_dump();
    ASSERT_TRUE(routes_->write(blackhole("198.51.100.0/25"), lasting(1h), wall_now()));
    const std::string one = kernel_dump();
    ASSERT_TRUE(routes_->write(blackhole("203.0.113.0/24"), lasting(1h), wall_now()));
    EXPECT_EQ(routes_->read_all(wall_now())->size(), 2U);
    ASSERT_TRUE(routes_->write(blackhole("203.0.113.0/24"), {}, wall_now()));
    EXPECT_EQ(kernel_dump(), one);
    EXPECT_FALSE(leads_somewhere("198.51.100.7"));
    ASSERT_TRUE(routes_->write(blackhole("198.51.100.0/25"), {}, wall_now()));
    EXPECT_EQ(kernel_dump(), before);
}

TEST_F(RoutesTest, what_somebody_takes_away_is_seen_to_be_gone_and_is_put_back) {
    const std::string before = kernel_dump();
    const Target target = blackhole("198.51.100.0/25");
    for (const char* command :
         {"ip rule del priority 20760 2>&1", "ip route flush table 20770 2>&1"}) {
        ASSERT_TRUE(routes_->write(target, lasting(1h), wall_now()));
        ASSERT_EQ(output_of(command), "");
        EXPECT_TRUE(leads_somewhere("198.51.100.7")) << command;
        EXPECT_EQ(routes_->read(target, wall_now()).value(), Condition{}) << command;
        EXPECT_TRUE(routes_->read_all(wall_now())->empty()) << command;
        ASSERT_TRUE(routes_->write(target, lasting(1h), wall_now()));
        EXPECT_FALSE(leads_somewhere("198.51.100.7")) << command;
        ASSERT_TRUE(routes_->write(target, {}, wall_now()));
        EXPECT_EQ(kernel_dump(), before) << command;
    }
}

TEST_F(RoutesTest, the_kernel_tells_of_changes) {
    auto news = KernelNews::open();
    ASSERT_TRUE(news) << news.error().message();
    const auto is_told = [&] {
        char byte = 0;
        bool told = false;
        for (const int each : news->fds()) {
            told = recv(each, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || told;
        }
        news->drain();
        return told;
    };
    EXPECT_FALSE(is_told());
    ASSERT_EQ(output_of("ip route add blackhole 192.0.2.0/24 2>&1"), "");
    EXPECT_TRUE(is_told());
    EXPECT_FALSE(is_told());
    ASSERT_EQ(
        output_of("ip route del blackhole 192.0.2.0/24 2>&1; nft add table inet mine 2>&1"), ""
    );
    EXPECT_TRUE(is_told());
    ASSERT_EQ(output_of("nft delete table inet mine 2>&1"), "");
    EXPECT_TRUE(is_told());
}

}  // namespace
}  // namespace phantom::remedy
