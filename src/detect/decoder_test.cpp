#include "detect/decoder.h"

#include <gtest/gtest.h>

#include "detect/decoder_work.h"
#include "detect/detect_fixture.h"

namespace phantom::detect {
namespace {

Bytes operator+(Bytes left, const Bytes& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

// A datagram to port 53, and what is before it.
Bytes datagram() {
    return udp(true, 53, bytes_of("abcd"));
}

Bytes ipv6(std::uint8_t next, const Bytes& inside) {
    Bytes packet{0x60, 0, 0, 0};
    append_u16(packet, static_cast<unsigned>(inside.size()));
    packet.insert(packet.end(), {next, 64});
    Bytes address(16);
    address[0] = 0xfd;
    address[15] = 1;
    packet = packet + address;
    address[15] = 2;
    return packet + address + inside;
}

Bytes udp_header() {
    Bytes header;
    append_u16(header, 40'000);
    append_u16(header, 53);
    append_u16(header, 12);
    append_u16(header, 0);
    return header + bytes_of("abcd");
}

struct Seen {
    std::vector<Packet::Network> networks;
    std::vector<Packet::Origin> origins;
    std::vector<std::uint16_t> vlans;
    EventSet events;
    std::string payload;  // of the last one
    std::uint16_t port = 0;
};

Seen decoded(std::uint32_t link, const Bytes& frame) {
    Seen seen;
    Decoder decoder({.check_checksums = false});
    Packet packet;
    packet.link_type = link;
    packet.frame = frame;
    decoder.decode(packet, [&](const Packet& each) {
        seen.networks.push_back(each.network);
        seen.origins.push_back(each.origin);
        seen.vlans = each.vlans;
        seen.events |= each.events;
        seen.payload.assign(each.payload.begin(), each.payload.end());
        seen.port = each.destination_port;
    });
    return seen;
}

void expect_datagram(
    std::uint32_t link, const Bytes& before, const Bytes& packet, const char* what
) {
    const Seen seen = decoded(link, before + packet);
    ASSERT_FALSE(seen.networks.empty()) << what;
    EXPECT_EQ(seen.payload, "abcd") << what;
    EXPECT_EQ(seen.port, 53) << what;
    EXPECT_TRUE(seen.events.none()) << what;
    // Of what is cut off anywhere there is a packet, and nothing is read behind its end.
    const Bytes whole = before + packet;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_FALSE(decoded(link, part).networks.empty()) << what << " cut at " << size;
    }
}

Bytes ethernet(std::uint16_t type) {
    Bytes header(12);
    append_u16(header, type);
    return header;
}

// https://www.tcpdump.org/linktypes.html
TEST(Decoder, reads_the_link_layers_of_captures) {
    const Bytes v4 = datagram();
    const Bytes v6 = ipv6(kIpUdp, udp_header());
    expect_datagram(kLinkNull, {2, 0, 0, 0}, v4, "null");
    expect_datagram(kLinkLoop, {0, 0, 0, 30}, v6, "loop");
    expect_datagram(kLinkRaw, {}, v4, "raw");
    expect_datagram(kLinkRawOld, {}, v6, "raw, old number");
    expect_datagram(kLinkIpv4, {}, v4, "IPv4");
    expect_datagram(kLinkIpv6, {}, v6, "IPv6");
    expect_datagram(kLinkEthernet, ethernet(kEtherIpv4), v4, "Ethernet");
    expect_datagram(kLinkEthernet, ethernet(kEtherIpv6), v6, "Ethernet, IPv6");
    expect_datagram(kLinkPpp, {0xff, 0x03, 0x00, 0x21}, v4, "PPP");
    expect_datagram(kLinkPpp, {0x21}, v4, "PPP, short");
    expect_datagram(kLinkPpp, {0x00, 0x57}, v6, "PPP, IPv6");
    expect_datagram(kLinkCiscoHdlc, {0x0f, 0x00, 0x08, 0x00}, v4, "HDLC");
    expect_datagram(kLinkLinuxCooked, Bytes(14) + Bytes{0x08, 0x00}, v4, "cooked");
    expect_datagram(kLinkLinuxCooked2, Bytes{0x86, 0xdd} + Bytes(18), v6, "cooked, second");
    EXPECT_EQ(decoded(9'999, v4).networks, std::vector{Packet::Network::kNone}) << "another link";
}

TEST(Decoder, reads_what_stands_between_ethernet_and_ip) {
    const Bytes v4 = datagram();
    const Bytes vlan = ethernet(kEtherVlan) + Bytes{0xa0, 0x05, 0x08, 0x00};
    expect_datagram(kLinkEthernet, vlan, v4, "VLAN");
    EXPECT_EQ(decoded(kLinkEthernet, vlan + v4).vlans, std::vector<std::uint16_t>{5});
    const Bytes qinq =
        ethernet(kEtherQinQ) + Bytes{0, 9, 0x91, 0x00, 0, 7, 0x81, 0x00, 0, 5, 0x08, 0x00};
    expect_datagram(kLinkEthernet, qinq, v4, "three tags");
    EXPECT_EQ(decoded(kLinkEthernet, qinq + v4).vlans, (std::vector<std::uint16_t>{9, 7, 5}));
    const Bytes four = ethernet(kEtherQinQ) + Bytes{0, 9, 0x81, 0x00, 0, 7, 0x81, 0x00,
                                                    0, 5, 0x81, 0x00, 0, 3, 0x08, 0x00};
    EXPECT_EQ(decoded(kLinkEthernet, four + v4).networks, std::vector{Packet::Network::kNone});
    expect_datagram(
        kLinkEthernet, ethernet(kEtherMpls) + Bytes{0, 0, 0x10, 64, 0, 0, 0x21, 64}, v4, "MPLS"
    );
    expect_datagram(
        kLinkEthernet, ethernet(kEtherPppoeSession) + Bytes{0x11, 0, 0, 1, 0, 40, 0, 0x21}, v4,
        "PPPoE"
    );
    expect_datagram(kLinkEthernet, ethernet(kEtherBridge) + ethernet(kEtherIpv4), v4, "a bridge");
    const Bytes nsh = ethernet(kEtherNsh) + Bytes{0x0f, 0xc2, 0x02, 1, 0, 0, 0, 0};
    expect_datagram(kLinkEthernet, nsh, v4, "NSH");
    const Bytes arp = ethernet(kEtherArp) + Bytes(28);
    EXPECT_EQ(decoded(kLinkEthernet, arp).networks, std::vector{Packet::Network::kArp});
}

TEST(Decoder, shows_a_tunnel_and_what_is_in_it) {
    const Bytes v4 = datagram();
    const Bytes v6 = ipv6(kIpUdp, udp_header());
    const std::vector both{Packet::Origin::kWire, Packet::Origin::kTunnel};
    for (const Bytes& packet : {ipv4(true, 4, v4), ipv4(true, 41, v6), ipv6(4, v4), ipv6(41, v6)}) {
        const Seen seen = decoded(kLinkRaw, packet);
        EXPECT_EQ(seen.origins, both);
        EXPECT_EQ(seen.payload, "abcd");
    }
    Bytes nested = v4;
    for (unsigned layer = 0; layer < 4 * kLayersMax; ++layer) {
        nested = ipv4(true, 4, nested);
    }
    EXPECT_LE(decoded(kLinkRaw, nested).networks.size(), kLayersMax) << "not without end";
}

TEST(Decoder, walks_the_extension_headers_of_ipv6) {
    const Bytes hop{60, 0, 1, 4, 0, 0, 0, 0};      // then destination options
    const Bytes options{43, 0, 1, 4, 0, 0, 0, 0};  // then routing
    const Bytes routing{51, 0, 0, 0, 0, 0, 0, 0};  // then authentication
    const Bytes authentication{17, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    const Bytes packet = ipv6(0, hop + options + routing + authentication + udp_header());
    const Seen seen = decoded(kLinkRaw, packet);
    EXPECT_EQ(seen.payload, "abcd");
    EXPECT_EQ(seen.port, 53);
    const Bytes useless{17, 0, 0, 0, 0, 0, 0, 9};
    const Seen fragment = decoded(kLinkRaw, ipv6(44, useless + udp_header()));
    EXPECT_EQ(fragment.payload, "abcd");
    EXPECT_TRUE(fragment.events.test(static_cast<std::size_t>(Event::kIpv6UselessFragmentHeader)));
}

struct Odd {
    const char* what;
    Event event;
    Bytes packet;
};

Bytes changed(Bytes packet, std::size_t at, std::uint8_t byte) {
    packet[at] = byte;
    return packet;
}

TEST(Decoder, says_what_is_odd_about_a_header) {
    const Bytes v4 = datagram();
    const Bytes v6 = ipv6(kIpUdp, udp_header());
    const std::vector<Odd> all{
        {"IPv4, too small", Event::kIpv4TooSmall, {0x45, 0}},
        {"IPv4, version", Event::kIpv4WrongVersion, changed(v4, 0, 0x35)},
        {"IPv4, header", Event::kIpv4HeaderTooSmall, changed(v4, 0, 0x44)},
        {"IPv4, length", Event::kIpv4LengthTooSmall, changed(v4, 3, 19)},
        {"IPv4, cut off", Event::kIpv4Truncated, changed(v4, 3, 200)},
        {"IPv6, too small", Event::kIpv6TooSmall, {0x60, 0}},
        {"IPv6, cut off", Event::kIpv6Truncated, changed(v6, 5, 200)},
        {"IPv6, extension", Event::kIpv6TruncatedExtension, ipv6(0, {17, 0, 1})},
        {"IPv6, long extension", Event::kIpv6TruncatedExtension,
         ipv6(0, {17, 9, 1, 4, 0, 0, 0, 0, 0, 0})},
        {"IPv6, odd fragment", Event::kIpv6FragmentInvalidLength,
         ipv6(44, {17, 0, 0, 1, 0, 0, 0, 9, 1, 2, 3})},
        {"IPv6, two fragment headers", Event::kIpv6DuplicateFragmentHeader,
         ipv6(44, Bytes{44, 0, 0, 0, 0, 0, 0, 9, 17, 0, 0, 0, 0, 0, 0, 9} + udp_header())},
        {"IPv4 in IPv6, too small", Event::kIpv4InIpv6TooSmall, ipv6(4, {0x45, 0})},
        {"IPv4 in IPv6, version", Event::kIpv4InIpv6WrongVersion, ipv6(4, changed(v4, 0, 0x65))},
    };
    for (const Odd& odd : all) {
        const Seen seen = decoded(kLinkRaw, odd.packet);
        EXPECT_TRUE(seen.events.test(static_cast<std::size_t>(odd.event))) << odd.what;
    }
    const Seen wrong = decoded(kLinkEthernet, ethernet(kEtherIpv6) + v4);
    EXPECT_TRUE(wrong.events.test(static_cast<std::size_t>(Event::kIpv6TooSmall)));
    const Seen version = decoded(kLinkEthernet, ethernet(kEtherIpv6) + v4 + Bytes(20));
    EXPECT_TRUE(version.events.test(static_cast<std::size_t>(Event::kIpv6WrongVersion)));
    EXPECT_TRUE(decoded(kLinkEthernet, {1, 2, 3})
                    .events.test(static_cast<std::size_t>(Event::kEthernetTooSmall)));
}

TEST(Decoder, puts_fragments_together) {
    const Bytes whole = udp_header();
    const Bytes first(whole.begin(), whole.begin() + 8);
    const Bytes rest(whole.begin() + 8, whole.end());
    Decoder decoder({.check_checksums = true});
    std::vector<Packet::Origin> origins;
    std::string payload;
    const auto see = [&](const Bytes& frame) {
        Packet packet;
        packet.link_type = kLinkRaw;
        packet.frame = frame;
        decoder.decode(packet, [&](const Packet& each) {
            origins.push_back(each.origin);
            payload.assign(each.payload.begin(), each.payload.end());
        });
    };
    see(ipv6(44, Bytes{17, 0, 0, 1, 0, 0, 0, 9} + first));
    see(ipv6(44, Bytes{17, 0, 0, 8, 0, 0, 0, 9} + rest));
    EXPECT_EQ(origins.back(), Packet::Origin::kDefragmented);
    EXPECT_EQ(payload, "abcd");
    see(ipv4(true, kIpUdp, first, 0x2000));
    see(ipv4(true, kIpUdp, rest, 1));
    EXPECT_EQ(origins.back(), Packet::Origin::kDefragmented);
    EXPECT_EQ(payload, "abcd");
    EXPECT_EQ(origins.size(), 6U);
}

}  // namespace
}  // namespace phantom::detect
