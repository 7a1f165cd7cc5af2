#include "detect/flow.h"

#include <gtest/gtest.h>

#include "detect/detect_fixture.h"

namespace phantom::detect {
namespace {

Packet packet_of(std::uint16_t port, std::uint64_t time_us = 1, bool up = true) {
    Packet packet;
    packet.time_us = time_us;
    packet.network = Packet::Network::kIpv4;
    packet.source = wire::Address::parse(up ? "10.0.0.1" : "192.0.2.2").value();
    packet.destination = wire::Address::parse(up ? "192.0.2.2" : "10.0.0.1").value();
    packet.source_port = up ? port : 80;
    packet.destination_port = up ? 80 : port;
    packet.protocol = kIpTcp;
    packet.has_transport = true;
    return packet;
}

struct Farewells {
    std::vector<std::uint64_t> ids;
    FlowTable::Farewell say = [this](Flow& flow) { ids.push_back(flow.id); };
};

TEST(FlowTable, knows_both_directions_as_one_flow) {
    FlowTable table;
    Farewells farewells;  // NOLINT(misc-const-correctness): `say` changes it
    const std::uint64_t id = table.of(packet_of(9), farewells.say).id;
    const Flow& flow = table.of(packet_of(9, 2, false), farewells.say);
    EXPECT_EQ(flow.id, id);
    EXPECT_EQ(flow.direction_of(packet_of(9)), Direction::kToServer);
    EXPECT_EQ(flow.direction_of(packet_of(9, 2, false)), Direction::kToClient);
    EXPECT_NE(table.of(packet_of(10), farewells.say).id, id);
}

TEST(FlowTable, begins_anew_after_a_long_silence) {
    FlowTable table;
    Farewells farewells;  // NOLINT(misc-const-correctness): `say` changes it
    const std::uint64_t id = table.of(packet_of(9), farewells.say).id;
    EXPECT_NE(table.of(packet_of(9, kTcpIdleUs + 2), farewells.say).id, id);
    EXPECT_EQ(farewells.ids, std::vector<std::uint64_t>{id});
}

TEST(FlowTable, lets_the_oldest_go_where_all_hold_too_much) {
    FlowTable table;
    Farewells farewells;  // NOLINT(misc-const-correctness): `say` changes it
    const Bytes megabyte(kStreamDepthMax, 'x');
    std::uint16_t port = 0;
    for (std::size_t held = 0; held <= 2 * kFlowBytesMax; held += megabyte.size()) {
        Flow& flow = table.of(packet_of(++port), farewells.say);
        flow.streams[0].begin(0);
        flow.streams[0].add(0, megabyte);
        table.account(flow, farewells.say);
        EXPECT_LE(table.held(), kFlowBytesMax);
    }
    EXPECT_FALSE(farewells.ids.empty());
    EXPECT_EQ(farewells.ids.front(), 1U);
    table.end_all(farewells.say);
    EXPECT_EQ(table.held(), 0U);
    EXPECT_EQ(farewells.ids.size(), port);
}

TEST(FlowTable, has_a_bound_on_flows) {
    FlowTable table;
    Farewells farewells;  // NOLINT(misc-const-correctness): `say` changes it
    for (unsigned count = 0; count < kFlowsMax + 9; ++count) {
        Packet packet = packet_of(static_cast<std::uint16_t>(count));
        packet.vlans.push_back(static_cast<std::uint16_t>(count >> 16U));
        (void)table.of(packet, farewells.say);
    }
    EXPECT_EQ(table.size(), kFlowsMax);
    EXPECT_EQ(farewells.ids.size(), 9U);
}

}  // namespace
}  // namespace phantom::detect
