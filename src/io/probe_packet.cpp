#include "io/probe_packet.h"

#include <algorithm>
#include <cstring>

#include "wire/checksum.h"
#include "wire/ip.h"

namespace phantom::io {

namespace {

constexpr std::size_t kTcpHeaderSize = 20;
constexpr std::size_t kTcpMssOptionSize = 4;
constexpr std::size_t kUdpHeaderSize = 8;
constexpr std::uint8_t kTtl = 64;
constexpr std::uint16_t kWindow = 0xffff;

void write_tcp(const ProbePacket& fields, std::size_t header_size, std::uint8_t* at) {
    store_be<std::uint32_t>(at + 4, fields.sequence);
    store_be<std::uint32_t>(at + 8, fields.acknowledgement);
    at[12] = static_cast<std::uint8_t>(header_size / 4 << 4U);
    at[13] = fields.tcp_flags;
    store_be<std::uint16_t>(at + 14, kWindow);
    if (fields.tcp_mss_option != 0) {
        at[20] = 2;
        at[21] = kTcpMssOptionSize;
        store_be<std::uint16_t>(at + 22, fields.tcp_mss_option);
    }
}

}  // namespace

std::vector<std::uint8_t> make_packet(const ProbePacket& fields, ByteView payload) {
    std::size_t header_size = kUdpHeaderSize;
    if (fields.tcp) {
        header_size = kTcpHeaderSize + (fields.tcp_mss_option != 0 ? kTcpMssOptionSize : 0);
    }
    const std::size_t transport_size = header_size + payload.size();
    std::vector<std::uint8_t> packet(wire::kIpv4HeaderSize + transport_size);
    packet[0] = 0x45;
    store_be<std::uint16_t>(&packet[2], static_cast<std::uint16_t>(packet.size()));
    packet[6] = 0x40;  // DF
    packet[8] = kTtl;
    packet[9] = fields.tcp ? wire::kProtocolTcp : wire::kProtocolUdp;
    std::memcpy(&packet[12], fields.source.address.bytes.data(), 4);
    std::memcpy(&packet[16], fields.destination.address.bytes.data(), 4);
    const auto ip_sum =
        wire::checksum_fold(wire::checksum_add({packet.data(), wire::kIpv4HeaderSize}));
    store_le<std::uint16_t>(&packet[10], static_cast<std::uint16_t>(~ip_sum));

    std::uint8_t* transport = packet.data() + wire::kIpv4HeaderSize;
    store_be<std::uint16_t>(transport, fields.source.port);
    store_be<std::uint16_t>(transport + 2, fields.destination.port);
    std::uint8_t* checksum = transport + 6;
    if (fields.tcp) {
        write_tcp(fields, header_size, transport);
        checksum = transport + 16;
    } else {
        store_be<std::uint16_t>(transport + 4, static_cast<std::uint16_t>(transport_size));
    }
    std::ranges::copy(payload, transport + header_size);
    const std::uint64_t pseudo =
        wire::pseudo_header_sum({packet.data() + 12, 8}, packet[9], transport_size);
    const auto sum = wire::checksum_fold(wire::checksum_add({transport, transport_size}, pseudo));
    store_le<std::uint16_t>(checksum, static_cast<std::uint16_t>(~sum));
    return packet;
}

}  // namespace phantom::io
