#pragma once

// For tests only: packets made of their parts, and which rules speak about them.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "detect/detector.h"

namespace phantom::detect {

using Bytes = std::vector<std::uint8_t>;

inline Bytes bytes_of(std::string_view text) {
    return {text.begin(), text.end()};
}

inline void append_u16(Bytes& to, unsigned value) {
    to.push_back(static_cast<std::uint8_t>(value >> 8U));
    to.push_back(static_cast<std::uint8_t>(value));
}

inline void append_u32(Bytes& to, std::uint32_t value) {
    append_u16(to, value >> 16U);
    append_u16(to, value & 0xffffU);
}

// From 10.0.0.1 to 192.0.2.2, or back.
inline Bytes ipv4(bool up, std::uint8_t protocol, const Bytes& payload, unsigned fragment = 0) {
    Bytes packet{0x45, 0};
    append_u16(packet, static_cast<unsigned>(20 + payload.size()));
    append_u16(packet, 7);
    append_u16(packet, fragment);
    packet.insert(packet.end(), {64, protocol, 0, 0});
    const Bytes client{10, 0, 0, 1};
    const Bytes server{192, 0, 2, 2};
    const Bytes& from = up ? client : server;
    const Bytes& to = up ? server : client;
    packet.insert(packet.end(), from.begin(), from.end());
    packet.insert(packet.end(), to.begin(), to.end());
    packet.insert(packet.end(), payload.begin(), payload.end());
    return packet;
}

inline Bytes udp(bool up, std::uint16_t server_port, const Bytes& payload) {
    Bytes datagram;
    append_u16(datagram, up ? 40'000 : server_port);
    append_u16(datagram, up ? server_port : 40'000);
    append_u16(datagram, static_cast<unsigned>(8 + payload.size()));
    append_u16(datagram, 0);
    datagram.insert(datagram.end(), payload.begin(), payload.end());
    return ipv4(up, kIpUdp, datagram);
}

// A connection to port 80, with a handshake, and acknowledgements where the test says so.
class Connection {
  public:
    std::vector<Bytes> frames;

    Connection() {
        segment(true, kTcpSynFlag, "");
        sequence_[0] += 1;
        segment(false, kTcpSynFlag | kTcpAckFlag, "");
        sequence_[1] += 1;
        segment(true, kTcpAckFlag, "");
    }
    void say(bool up, std::string_view text) {
        segment(up, kTcpAckFlag, text);
        sequence_[up ? 0 : 1] += static_cast<std::uint32_t>(text.size());
        segment(!up, kTcpAckFlag, "");
    }
    void segment(bool up, std::uint8_t flags, std::string_view text, std::uint32_t ahead = 0) {
        Bytes header;
        append_u16(header, up ? 40'000 : 80);
        append_u16(header, up ? 80 : 40'000);
        append_u32(header, sequence_[up ? 0 : 1] + ahead);
        append_u32(header, sequence_[up ? 1 : 0]);
        header.insert(header.end(), {0x50, flags, 0x20, 0, 0, 0, 0, 0});
        header.insert(header.end(), text.begin(), text.end());
        frames.push_back(ipv4(up, kIpTcp, header));
    }
    void advance(bool up, std::uint32_t count) { sequence_[up ? 0 : 1] += count; }

  private:
    std::array<std::uint32_t, 2> sequence_{0xffff'fff0, 5000};
};

inline RuleSet rules_of(std::string_view text) {
    RuleSet rules;
    rules.add("test.rules", text, Variables::defaults());
    for (const UnusableRule& each : rules.unusable()) {
        ADD_FAILURE() << each.problem.keyword << ": " << each.problem.reason;
    }
    EXPECT_TRUE(rules.finish());
    return rules;
}

// The numbers of the rules that spoke, in order.
inline std::vector<std::uint32_t> sids_of(
    std::string_view rules_text, const std::vector<Bytes>& frames,
    Detector::Options options = {.check_checksums = false, .tcp = {}}
) {
    const RuleSet rules = rules_of(rules_text);
    Detector detector(rules, options);
    std::vector<std::uint32_t> sids;
    const Detector::Sinks sinks{
        .detection = [&](const Detection& seen) { sids.push_back(seen.rule.sid); }, .file = {}
    };
    std::uint64_t number = 0;
    for (const Bytes& frame : frames) {
        Packet packet;
        packet.time_us = ++number * 1'000'000;
        packet.number = number;
        packet.link_type = kLinkRaw;
        packet.frame = frame;
        detector.packet(packet, sinks);
    }
    detector.end(sinks);
    return sids;
}

}  // namespace phantom::detect
