#include "wire/relay_frame.h"

#include <vector>

#include <gtest/gtest.h>

namespace phantom::wire {
namespace {

constexpr RelayHeader kOneRelay{
    .origin = 0x01020304050607,
    .route = {0x11121314151617, 0},
    .destination = 0x21222324252627,
    .passed = 0,
};
constexpr RelayHeader kTwoRelays{
    .origin = 1,
    .route = {2, 3},
    .destination = 4,
    .passed = 0,
};

std::vector<std::uint8_t> frame(const RelayHeader& header, std::size_t datagram_size) {
    std::vector<std::uint8_t> bytes(kRelayHeaderSize + datagram_size, 0x5a);
    write_relay_header(header, datagram_size, bytes.data());
    return bytes;
}

TEST(RelayFrame, reads_what_was_written_and_leaves_the_padding) {
    for (const RelayHeader& header : {kOneRelay, kTwoRelays}) {
        auto bytes = frame(header, 148);
        bytes.resize(bytes.size() + 15);
        const auto parsed = parse_relay_frame(bytes);
        ASSERT_TRUE(parsed);
        EXPECT_EQ(parsed->header, header);
        EXPECT_EQ(parsed->datagram_size, 148);
    }
}

TEST(RelayFrame, goes_from_hop_to_hop_and_says_who_must_have_sent_it) {
    auto one = frame(kOneRelay, 1);
    EXPECT_EQ(parse_relay_frame(one)->sender(), kOneRelay.origin);
    EXPECT_EQ(parse_relay_frame(one)->next(), kOneRelay.destination);
    pass_relay_frame(one.data());
    EXPECT_EQ(parse_relay_frame(one)->sender(), kOneRelay.route.first);

    auto two = frame(kTwoRelays, 1);
    EXPECT_EQ(parse_relay_frame(two)->next(), 3U);
    pass_relay_frame(two.data());
    EXPECT_EQ(parse_relay_frame(two)->sender(), 2U);
    EXPECT_EQ(parse_relay_frame(two)->next(), 4U);
    pass_relay_frame(two.data());
    EXPECT_EQ(parse_relay_frame(two)->sender(), 3U);
    pass_relay_frame(two.data());
    EXPECT_FALSE(parse_relay_frame(two)) << "one hop more than there are";
}

TEST(RelayFrame, anything_else_is_none) {
    const auto good = frame(kTwoRelays, 10);
    ASSERT_TRUE(parse_relay_frame(good));
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(parse_relay_frame(ByteView(good).first(size))) << size << " bytes of it";
    }
    const auto with = [&](std::size_t at, std::uint8_t value) {
        auto changed = good;
        changed[at] = value;
        return parse_relay_frame(changed).has_value();
    };
    EXPECT_FALSE(with(0, 0x45)) << "an IP packet";
    EXPECT_FALSE(with(1, 2)) << "another kind";
    EXPECT_FALSE(with(3, 31)) << "shorter than its header";
    EXPECT_FALSE(with(4, 1)) << "one relay said, two named";
    EXPECT_FALSE(with(4, 3)) << "three relays";
    EXPECT_FALSE(with(6, 1)) << "reserved";
    EXPECT_FALSE(parse_relay_frame(frame({0, {2, 0}, 4, 0}, 10))) << "no origin";
    EXPECT_FALSE(parse_relay_frame(frame({1, {0, 0}, 4, 0}, 10))) << "no relay";
    EXPECT_FALSE(parse_relay_frame(frame({1, {2, 0}, 0, 0}, 10))) << "no destination";
}

TEST(RelayFrame, a_route_is_an_address_that_nothing_else_has) {
    for (const RelayRoute route : {RelayRoute{kOneRelay.origin, 0}, RelayRoute{2, 3}}) {
        const SocketAddress endpoint = relay_endpoint(route);
        EXPECT_TRUE(is_relay(endpoint));
        EXPECT_EQ(relay_route(endpoint.address), route);
        EXPECT_EQ(route.reversed().reversed(), route);
    }
    for (const char* text : {"192.0.2.1", "1.0.0.1", "2001:db8::1", "fd00::1", "::1"}) {
        EXPECT_FALSE(is_relay(*Address::parse(text))) << text;
    }
}

TEST(RelayFrame, a_hop_is_the_beginning_of_an_id) {
    const std::array<std::uint8_t, 8> id{1, 2, 3, 4, 5, 6, 7, 8};
    EXPECT_EQ(hop_id(id.data()), kOneRelay.origin);
}

}  // namespace
}  // namespace phantom::wire
