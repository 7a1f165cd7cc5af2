// Which messages move a peer's endpoint, and the address that answers leave from.

#include "wireguard/cookie.h"
#include "wireguard/device.h"
#include "wireguard/device_fixture.h"

namespace phantom::wireguard::test {

// Checklist: the endpoint follows any authenticated message of type 1, 2 or 4.
TEST_F(DeviceTest, endpoint_follows_an_initiation) {
    a.send_to(b);
    Datagram initiation = take(a, kInitiation);
    initiation.from.remote = socket_address("198.51.100.1:1");
    b.receive(initiation);
    EXPECT_EQ(endpoint_of(b, a), socket_address("198.51.100.1:1"));
    EXPECT_EQ(take(b, kResponse).to.remote, socket_address("198.51.100.1:1"));
}

TEST_F(DeviceTest, endpoint_follows_a_response) {
    a.send_to(b);
    b.receive(take(a, kInitiation));
    Datagram response = take(b, kResponse);
    response.from.remote = socket_address("[2001:db8::7]:7");
    a.receive(response);
    EXPECT_EQ(endpoint_of(a, b), socket_address("[2001:db8::7]:7"));
}

TEST_F(DeviceTest, endpoint_follows_transport_data) {
    establish();
    a.send_to(b);
    Datagram data = take(a, kTransport);
    data.from.remote = socket_address("198.51.100.4:4");
    b.receive(data);
    EXPECT_EQ(endpoint_of(b, a), socket_address("198.51.100.4:4"));
    EXPECT_EQ(b.device.status().peers.at(0).endpoint, socket_address("198.51.100.4:4"));
    data.from.remote = socket_address("203.0.113.66:666");
    b.receive(data);
    EXPECT_EQ(endpoint_of(b, a), socket_address("198.51.100.4:4")) << "a replay moves nothing";
}

TEST_F(DeviceTest, unauthentic_messages_move_no_endpoint) {
    a.send_to(b);
    Datagram initiation = take(a, kInitiation);
    initiation.from.remote = socket_address("203.0.113.66:666");
    initiation.bytes[100] ^= 1;
    CookieGenerator(b.public_key).add_macs(initiation.bytes, clock.now);
    b.receive(initiation);
    EXPECT_EQ(endpoint_of(b, a), a.address);
}

// Checklist: reply from the local address that received (sticky source).
TEST_F(DeviceTest, answers_leave_from_the_address_that_received) {
    a.send_to(b);
    b.receive(take(a, kInitiation));
    const Datagram response = take(b, kResponse);
    EXPECT_EQ(response.to.source, b.address.address);
    EXPECT_EQ(response.to.source_interface, 1U);
}

TEST_F(DeviceTest, forget_sources_clears_address_and_interface_only) {
    establish();
    ASSERT_FALSE(b.path_to(a).endpoint.load()->source.is_none());
    Actions actions;
    b.device.forget_sources(actions);
    const wire::Endpoint* endpoint = b.path_to(a).endpoint.load();
    EXPECT_TRUE(endpoint->source.is_none());
    EXPECT_EQ(endpoint->source_interface, 0U);
    EXPECT_EQ(endpoint->remote, a.address);
    EXPECT_EQ(actions.retired.size(), 1U) << "the shards may still read the old one";
}

TEST_F(DeviceTest, failed_attempts_forget_the_source) {
    establish();
    ASSERT_FALSE(a.path_to(b).endpoint.load()->source.is_none());
    a.send_to(b);
    pass_unheard(16s);
    EXPECT_TRUE(a.path_to(b).endpoint.load()->source.is_none());
}

}  // namespace phantom::wireguard::test
