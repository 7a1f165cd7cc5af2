// Two carriers of one process, with a plain UDP socket in the place of each tunnel.

#include "carrier/carrier_fixture.h"

namespace phantom::carrier {
namespace {

using testing::FakeTunnel;
using testing::local;
using testing::transport;
using testing::wait_news;

TEST(Carrier, carries_datagrams_both_ways) {
    const FakeTunnel near;
    const FakeTunnel far;
    const auto server = Carrier::start({.tunnel_port = far.port()});
    const auto client = Carrier::start({.tunnel_port = near.port()});
    ASSERT_TRUE(server && client);
    const auto port = (*server)->listen(0);
    ASSERT_TRUE(port);
    const DialId id = (*client)->dial(local(*port));
    const auto opened = wait_news(**client);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->id, id);
    ASSERT_FALSE(opened->place.address.is_none());
    EXPECT_EQ((*client)->remote_of(opened->place), local(*port));

    near.send(transport(1'452), opened->place);
    wire::SocketAddress from;
    ASSERT_EQ(far.receive(from), 1'452U);
    far.send(transport(32), from);
    wire::SocketAddress back;
    ASSERT_EQ(near.receive(back), 32U);
    EXPECT_EQ(back, opened->place);

    (*client)->hang_up(id);
    const auto closed = wait_news(**client);
    ASSERT_TRUE(closed);
    EXPECT_TRUE(closed->place.address.is_none());
}

TEST(Carrier, says_when_nobody_listens) {
    const auto client = Carrier::start({.tunnel_port = 9});
    ASSERT_TRUE(client);
    const DialId id = (*client)->dial(local(1));
    const auto news = wait_news(**client);
    ASSERT_TRUE(news);
    EXPECT_EQ(news->id, id);
    EXPECT_TRUE(news->place.address.is_none());
}

}  // namespace
}  // namespace phantom::carrier
