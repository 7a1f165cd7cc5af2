#include "reach/port_mapper.h"

#include <gtest/gtest.h>

namespace phantom::reach {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kGranted = 3600;

// A mapper, and a gateway that answers as the test says.
class PortMapperTest : public testing::Test {
  protected:
    static wire::Address address(const char* text) { return *wire::Address::parse(text); }

    MappingOutput start() {
        MappingOutput out;
        mapper_.set_place(
            Place{.gateway = address("192.168.1.1"), .own = address("192.168.1.2"), .port = 51'820},
            now_, random_, out
        );
        return out;
    }
    MappingOutput after(Duration time) {
        now_ = now_ + time;
        MappingOutput out;
        mapper_.tick(now_, random_, out);
        return out;
    }
    MappingOutput say(
        const std::vector<std::uint8_t>& datagram, std::uint16_t port = kGatewayPort
    ) {
        MappingOutput out;
        mapper_.receive({.address = address("192.168.1.1"), .port = port}, datagram, now_, out);
        return out;
    }
    MappingOutput say_text(const std::string& text) {
        return say({text.begin(), text.end()}, 1900);
    }
    MappingOutput reply(const std::string& body, unsigned status = 200) {
        const std::string text = "HTTP/1.1 " + std::to_string(status) + " X\r\n\r\n" + body;
        MappingOutput out;
        mapper_.answer(text, now_, random_, out);
        return out;
    }
    // RFC 6887 section 11.3: the request comes back, with what was granted.
    static std::vector<std::uint8_t> grant(
        const MappingOutput& asked, std::uint32_t epoch_s, const char* outer = "198.51.100.7"
    ) {
        std::vector<std::uint8_t> answer = asked.datagrams.back().bytes;
        answer[1] = 0x81;
        store_be<std::uint32_t>(answer.data() + 4, kGranted);
        store_be<std::uint32_t>(answer.data() + 8, epoch_s);
        std::fill(answer.begin() + 12, answer.begin() + 24, std::uint8_t{0});
        store_be<std::uint16_t>(answer.data() + 42, 40'000);
        const wire::Address given = address(outer);
        std::copy_n(given.bytes.begin(), 4, answer.begin() + 56);
        return answer;
    }
    std::string outer() const {
        return mapper_.mapping() ? mapper_.mapping()->outer.to_string() : "none";
    }

    SeededRandom random_{1};
    Instant now_{1'000'000'000};
    PortMapper mapper_;
};

TEST_F(PortMapperTest, holds_what_pcp_grants_and_renews_it_at_half_time) {
    const auto asked = start();
    ASSERT_EQ(asked.datagrams.size(), 1U);
    EXPECT_EQ(asked.datagrams[0].to.to_string(), "192.168.1.1:5351");
    say(grant(asked, 100));
    EXPECT_EQ(outer(), "198.51.100.7:40000");
    EXPECT_EQ(mapper_.mapping()->protocol, MappingProtocol::kPcp);
    for (std::uint32_t minute = 1; minute < 30; ++minute) {
        const auto probe = after(60s);
        ASSERT_EQ(probe.datagrams.size(), 1U);
        ASSERT_EQ(probe.datagrams[0].bytes.size(), 24U) << "only the epoch is asked for";
    }
    const auto renewal = after(60s);
    ASSERT_FALSE(renewal.datagrams.empty());
    const auto& request = renewal.datagrams[0].bytes;
    ASSERT_EQ(request.size(), 60U);
    EXPECT_EQ(load_be<std::uint16_t>(request.data() + 42), 40'000) << "the same port, if possible";
}

TEST_F(PortMapperTest, asks_anew_at_once_when_the_gateway_has_forgotten) {
    say(grant(start(), 10'000));
    (void)after(60s);
    // RFC 6887 section 14.1: the answer to an announcement, with an epoch that began anew.
    say({2, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    const auto again = after(0s);
    ASSERT_EQ(again.datagrams.size(), 1U);
    EXPECT_EQ(again.datagrams[0].bytes.size(), 60U);
    say(grant(again, 6, "198.51.100.9"));
    EXPECT_EQ(outer(), "198.51.100.9:40000");
}

TEST_F(PortMapperTest, lets_go_of_what_was_never_renewed) {
    say(grant(start(), 100));
    for (int minute = 0; minute < 60; ++minute) {
        (void)after(60s);
    }
    EXPECT_EQ(outer(), "none");
}

TEST_F(PortMapperTest, hears_nobody_but_the_gateway_and_no_other_nonce) {
    const auto asked = start();
    MappingOutput out;
    mapper_.receive(
        {.address = address("192.168.1.7"), .port = kGatewayPort}, grant(asked, 1), now_, out
    );
    EXPECT_EQ(outer(), "none");
    auto other = grant(asked, 1);
    other[24] ^= 1;
    say(other);
    EXPECT_EQ(outer(), "none");
}

TEST_F(PortMapperTest, falls_back_to_nat_pmp_when_the_gateway_says_so) {
    start();
    // RFC 6887 section 9: a NAT-PMP gateway's answer to version 2.
    const auto asked = say({0, 128, 0, 1, 0, 0, 0, 9});
    ASSERT_EQ(asked.datagrams.size(), 2U);
    say({0, 128, 0, 0, 0, 0, 0, 9, 198, 51, 100, 7});
    EXPECT_EQ(outer(), "none") << "the port is missing";
    say({0, 129, 0, 0, 0, 0, 0, 9, 0xca, 0x6c, 0x9c, 0x40, 0, 0, 0x0e, 0x10});
    EXPECT_EQ(outer(), "198.51.100.7:40000");
    EXPECT_EQ(mapper_.mapping()->protocol, MappingProtocol::kNatPmp);
    MappingOutput out;
    mapper_.end(out);
    ASSERT_EQ(out.datagrams.size(), 1U);
    EXPECT_EQ(
        out.datagrams[0].bytes,
        (std::vector<std::uint8_t>{0, 1, 0, 0, 0xca, 0x6c, 0, 0, 0, 0, 0, 0})
    );
}

class UpnpMapperTest : public PortMapperTest {
  protected:
    // Up to the request for a mapping.
    MappingOutput find_service() {
        start();
        EXPECT_EQ(after(1s).datagrams.size(), 1U) << "a search, though PCP may still answer";
        const auto described = say_text(
            "HTTP/1.1 200 OK\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n"
            "LOCATION: http://192.168.1.1:5000/root.xml\r\n\r\n"
        );
        EXPECT_EQ(described.requests.size(), 1U);
        const auto addressed = reply(
            "<service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType>"
            "<controlURL>/ctl</controlURL></service>"
        );
        EXPECT_EQ(addressed.requests.size(), 1U);
        return reply("<NewExternalIPAddress>198.51.100.7</NewExternalIPAddress>");
    }
    static bool asks_for(const MappingOutput& out, std::string_view text) {
        return out.requests.size() == 1 && out.requests[0].text.find(text) != std::string::npos;
    }
};

TEST_F(UpnpMapperTest, maps_by_upnp_where_pcp_is_silent_and_deletes_at_the_end) {
    EXPECT_TRUE(asks_for(find_service(), "<NewExternalPort>51820<"));
    reply("");
    EXPECT_EQ(outer(), "198.51.100.7:51820");
    EXPECT_EQ(mapper_.mapping()->protocol, MappingProtocol::kUpnp);
    EXPECT_TRUE(asks_for(after(1800s), "#AddPortMapping"));
    reply("", 500);
    EXPECT_EQ(outer(), "198.51.100.7:51820") << "until its time is over";
    MappingOutput out;
    mapper_.end(out);
    EXPECT_TRUE(asks_for(out, "#DeletePortMapping"));
}

TEST_F(UpnpMapperTest, asks_for_another_port_or_for_ever_where_the_gateway_wants_it_so) {
    find_service();
    const auto other = reply("<errorCode>718</errorCode>", 500);
    EXPECT_TRUE(asks_for(other, "<NewExternalPort>"));
    EXPECT_FALSE(asks_for(other, "<NewExternalPort>51820<"));
    EXPECT_TRUE(
        asks_for(reply("<errorCode>725</errorCode>", 500), "<NewLeaseDuration>0</NewLeaseDuration>")
    );
    reply("");
    EXPECT_NE(outer(), "none");
}

TEST_F(UpnpMapperTest, gives_up_after_a_few_ports) {
    find_service();
    unsigned asked = 1;
    while (!reply("<errorCode>718</errorCode>", 500).requests.empty()) {
        ++asked;
    }
    EXPECT_EQ(asked, kPortTries);
    EXPECT_EQ(outer(), "none");
}

TEST_F(UpnpMapperTest, does_not_follow_an_answer_that_points_elsewhere) {
    start();
    (void)after(1s);
    const auto described = say_text(
        "HTTP/1.1 200 OK\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n"
        "LOCATION: http://203.0.113.1:5000/root.xml\r\n\r\n"
    );
    EXPECT_TRUE(described.requests.empty());
}

TEST_F(PortMapperTest, asks_a_gateway_that_is_silent_less_and_less_often) {
    start();
    std::size_t in_first_hour = 0;
    for (int second = 0; second < 3600; ++second) {
        in_first_hour += after(1s).datagrams.size();
    }
    std::size_t in_second_hour = 0;
    for (int second = 0; second < 3600; ++second) {
        in_second_hour += after(1s).datagrams.size();
    }
    EXPECT_LT(in_first_hour, 120U);
    EXPECT_LT(in_second_hour, 30U);
    EXPECT_GT(in_second_hour, 0U);
}

TEST(Epoch, agrees_with_a_clock_that_drifts_and_not_with_one_that_began_anew) {
    Epoch epoch;
    Instant now{1};
    EXPECT_TRUE(epoch.accept(1000, now));
    now = now + 1600s;
    EXPECT_TRUE(epoch.accept(2500, now)) << "a sixteenth slow";
    EXPECT_TRUE(epoch.accept(2499, now)) << "exchanged on the way";
    now = now + 100s;
    EXPECT_FALSE(epoch.accept(2500, now)) << "stood still";
    now = now + 100s;
    EXPECT_FALSE(epoch.accept(3, now)) << "began anew";
    now = now + 60s;
    EXPECT_TRUE(epoch.accept(63, now));
}

}  // namespace
}  // namespace phantom::reach
