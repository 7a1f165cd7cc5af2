// Against the real kernel, in a network namespace of this process's own: what is said to be blocked is.

#include "remedy/firewall.h"

#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "remedy/kernel_fixture.h"
#include "remedy/remedy_fixture.h"

namespace phantom::remedy {
namespace {

constexpr const char* kAttacker = "10.99.0.1";
constexpr const char* kVictim = "10.99.0.2";
constexpr std::uint16_t kVictimPort = 7777;

// Rules and sets, without what counts up or down.
std::string dump() {
    return output_of("nft -s list table inet phantommesh 2>&1");
}

sockaddr_in place_of(const char* address, std::uint16_t port) {
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(port);
    PM_ASSERT(inet_pton(AF_INET, address, &place.sin_addr) == 1);
    return place;
}

bool gets_through(const char* from, std::size_t size = 1, Duration patience_for = 200ms) {
    const io::Fd receiver(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const io::Fd sender(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const sockaddr_in to = place_of(kVictim, kVictimPort);
    const sockaddr_in at = place_of(from, 0);
    const timeval patience{
        .tv_sec = 0,
        .tv_usec = std::chrono::duration_cast<std::chrono::microseconds>(patience_for).count(),
    };
    const std::vector<char> bytes(size, 'x');
    const auto* to_any = reinterpret_cast<const sockaddr*>(&to);
    PM_ASSERT(bind(receiver.get(), to_any, sizeof to) == 0);
    PM_ASSERT(bind(sender.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
    PM_ASSERT(setsockopt(receiver.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
    PM_ASSERT(sendto(sender.get(), bytes.data(), size, 0, to_any, sizeof to) > 0);
    char byte = 0;
    return recv(receiver.get(), &byte, 1, 0) == 1;
}

// The namespace was made.
bool g_firewall_usable = false;

class FirewallTest : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        g_firewall_usable =
            enter_empty_network() && output_of(
                                         "ip address add 10.99.0.1/32 dev lo 2>&1 && "
                                         "ip address add 10.99.0.2/32 dev lo 2>&1"
                                     )
                                         .empty();
    }
    void SetUp() override {
        if (!g_firewall_usable) {
            GTEST_SKIP() << "needs root, a network namespace, ip and nft";
        }
        ASSERT_TRUE(Firewall::tear_down());
        auto made = Firewall::set_up();
        ASSERT_TRUE(made) << made.error().message();
        firewall_ = std::move(*made);
    }

    Condition read(std::string_view address) {
        return firewall_->read(against(address), wall_now()).value();
    }
    Status write(std::string_view address, const Condition& condition) {
        return firewall_->write(against(address), condition, wall_now());
    }
    static Condition lasting(Duration duration) { return {true, after(wall_now(), duration)}; }

    std::unique_ptr<Firewall> firewall_;
};

TEST_F(FirewallTest, what_is_blocked_does_not_get_through_and_then_does) {
    ASSERT_TRUE(gets_through(kAttacker));
    ASSERT_TRUE(write(kAttacker, lasting(1h)));
    EXPECT_FALSE(gets_through(kAttacker));
    EXPECT_TRUE(gets_through(kVictim)) << "nobody else is";
    ASSERT_TRUE(write(kAttacker, {}));
    EXPECT_TRUE(gets_through(kAttacker));
}

TEST_F(FirewallTest, says_what_the_kernel_has) {
    const std::string empty = dump();
    for (const char* address : {"192.0.2.7", "2001:db8::7"}) {
        EXPECT_EQ(read(address), Condition{});
        ASSERT_TRUE(write(address, lasting(1h)));
        EXPECT_TRUE(agree(read(address), lasting(1h))) << address;
        ASSERT_TRUE(write(address, lasting(10s))) << "shorter";
        EXPECT_TRUE(agree(read(address), lasting(10s))) << address;
        ASSERT_TRUE(write(address, {true, {}})) << "for ever";
        EXPECT_EQ(read(address), (Condition{true, {}}));
        EXPECT_NE(dump().find(address), std::string::npos) << dump();
    }
    EXPECT_EQ(firewall_->read_all(wall_now())->size(), 2U);
    for (const char* address : {"192.0.2.7", "2001:db8::7"}) {
        ASSERT_TRUE(write(address, {}));
        ASSERT_TRUE(write(address, {})) << "twice is once";
    }
    EXPECT_EQ(dump(), empty);
}

TEST_F(FirewallTest, the_kernel_ends_it_by_itself) {
    ASSERT_TRUE(write(kAttacker, lasting(400ms)));
    EXPECT_FALSE(gets_through(kAttacker));
    ::usleep(600'000);
    EXPECT_TRUE(gets_through(kAttacker));
    EXPECT_EQ(read(kAttacker), Condition{});
    EXPECT_TRUE(firewall_->read_all(wall_now())->empty());
    EXPECT_TRUE(write(kAttacker, {})) << "what has ended can be taken away";
}

TEST_F(FirewallTest, a_restart_leaves_blocks_in_force_and_rules_once) {
    ASSERT_TRUE(write(kAttacker, {true, {}}));
    const std::string before = dump();
    ASSERT_TRUE(Firewall::set_up());
    EXPECT_EQ(dump(), before);
    EXPECT_FALSE(gets_through(kAttacker));
}

TEST_F(FirewallTest, many_are_read_whole) {
    constexpr int kCount = 5'000;
    std::string commands = "nft add element inet phantommesh blocked_v4 { ";
    for (int number = 0; number < kCount; ++number) {
        commands += "198.51." + std::to_string(number / 250) + "." + std::to_string(number % 250) +
                    (number + 1 < kCount ? "," : " }");
    }
    ASSERT_EQ(output_of(commands + " 2>&1"), "");
    EXPECT_EQ(firewall_->read_all(wall_now())->size(), static_cast<std::size_t>(kCount));
}

// What somebody may do to our table while we run, and how many blocks are left then.
struct Interference {
    const char* command;
    std::size_t blocks_left;
};
constexpr std::array kInterferences = {
    Interference{"nft flush ruleset 2>&1", 0},
    Interference{"nft delete table inet phantommesh 2>&1", 0},
    Interference{"nft flush chain inet phantommesh guard 2>&1", 1},
    Interference{
        "nft flush chain inet phantommesh guard 2>&1; "
        "nft delete chain inet phantommesh guard 2>&1",
        1
    },
};

TEST_F(FirewallTest, what_somebody_takes_away_is_made_again_with_the_next_block) {
    for (const Interference& each : kInterferences) {
        ASSERT_EQ(output_of(each.command), "") << each.command;
        ASSERT_TRUE(write(kAttacker, lasting(1h))) << each.command;
        ASSERT_TRUE(firewall_->read_all(wall_now())) << each.command;
        EXPECT_FALSE(gets_through(kAttacker)) << each.command;
        ASSERT_TRUE(write(kAttacker, {})) << each.command;
        EXPECT_TRUE(gets_through(kAttacker)) << each.command;
    }
}

TEST_F(FirewallTest, what_somebody_takes_away_is_made_again_when_it_is_looked_at) {
    const std::string empty = dump();
    for (const Interference& each : kInterferences) {
        ASSERT_TRUE(write(kAttacker, lasting(1h)));
        ASSERT_EQ(output_of(each.command), "") << each.command;
        EXPECT_TRUE(gets_through(kAttacker)) << each.command;
        const auto found = firewall_->read_all(wall_now());
        ASSERT_TRUE(found) << each.command;
        EXPECT_EQ(found->size(), each.blocks_left) << each.command;
        EXPECT_EQ(gets_through(kAttacker), each.blocks_left == 0) << each.command;
        ASSERT_TRUE(write(kAttacker, {}));
        EXPECT_EQ(dump(), empty) << each.command;
    }
}

// ---- Rates, and this machine itself --------------------------------------------------------------

TEST_F(FirewallTest, an_address_above_its_rate_is_cut_short_and_then_is_not) {
    const Target target{Executor::kRateLimit, wire::Address::parse(kAttacker).value(), kRates[0]};
    const auto sent_through = [&] {
        int count = 0;
        for (int number = 0; number < 60; ++number) {
            count += gets_through(kAttacker, 4'000, 20ms) ? 1 : 0;
        }
        return count;
    };
    const std::string empty = dump();
    EXPECT_EQ(sent_through(), 60);
    ASSERT_TRUE(firewall_->write(target, lasting(1h), wall_now()));
    EXPECT_TRUE(agree(firewall_->read(target, wall_now()).value(), lasting(1h)));
    EXPECT_EQ(firewall_->read_all(wall_now())->count(target), 1U);
    const int limited = sent_through();
    EXPECT_GE(limited, 10) << "what is below the rate gets through";
    EXPECT_LE(limited, 55) << "240 kB in a second or two do not at 100 kB/s";
    ASSERT_TRUE(firewall_->write(target, {}, wall_now()));
    EXPECT_EQ(sent_through(), 60);
    EXPECT_EQ(dump(), empty);
}

TEST_F(FirewallTest, an_isolated_machine_speaks_of_management_alone_and_then_of_all) {
    // A neighbour in a namespace of its own: what loops back is never cut.
    ASSERT_EQ(
        output_of("ip link add outside type veth peer name inside 2>&1 && "
                  "ip address add 10.98.0.1/24 dev inside 2>&1 && ip link set inside up 2>&1 && "
                  "ip link set outside up 2>&1 && "
                  "ip neigh add 10.98.0.2 lladdr 02:00:00:00:00:02 dev inside 2>&1 && "
                  "ip neigh add 10.98.0.3 lladdr 02:00:00:00:00:03 dev inside 2>&1"),
        ""
    );
    ASSERT_TRUE(firewall_->set_management(
        {.udp_ports = {51'820}, .addresses = {wire::Address::parse("10.98.0.3").value()}}
    ));
    const std::string empty = dump();
    const Target host{Executor::kIsolation, Host{}};
    // The kernel tells the sender of a packet that its own rules drop.
    const auto leaves = [](const char* to, std::uint16_t from) {
        const io::Fd sender(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        const sockaddr_in place = place_of(to, 9);
        const sockaddr_in own = place_of("10.98.0.1", from);
        PM_ASSERT(bind(sender.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0);
        return sendto(
                   sender.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&place), sizeof place
               ) == 1;
    };
    ASSERT_TRUE(leaves("10.98.0.2", 0));
    ASSERT_TRUE(firewall_->write(host, lasting(1h), wall_now()));
    EXPECT_TRUE(agree(firewall_->read(host, wall_now()).value(), lasting(1h)));
    EXPECT_EQ(firewall_->read_all(wall_now())->count(host), 1U);
    EXPECT_FALSE(leaves("10.98.0.2", 0));
    EXPECT_TRUE(leaves("10.98.0.2", 51'820)) << "the tunnel's port";
    EXPECT_TRUE(leaves("10.98.0.3", 0)) << "an administrator";
    EXPECT_TRUE(gets_through(kAttacker)) << "itself";
    ASSERT_EQ(output_of("nft delete element inet phantommesh quarantine { ipv6 } 2>&1"), "");
    EXPECT_EQ(firewall_->read(host, wall_now()).value(), Condition{}) << "half of it is none";
    EXPECT_EQ(firewall_->read_all(wall_now())->count(host), 0U);
    ASSERT_TRUE(firewall_->write(host, lasting(300ms), wall_now()));
    EXPECT_FALSE(leaves("10.98.0.2", 0));
    ::usleep(500'000);
    EXPECT_TRUE(leaves("10.98.0.2", 0)) << "nobody confirmed: the kernel itself ends it";
    ASSERT_TRUE(firewall_->write(host, {}, wall_now()));
    EXPECT_EQ(dump(), empty);
    (void)output_of("ip link delete outside");
}

}  // namespace
}  // namespace phantom::remedy
