#include "reach/pcp.h"

#include "base/assert.h"
#include "wire/record.h"

namespace phantom::reach {

namespace {

constexpr std::uint8_t kResponseBit = 0x80;
constexpr std::uint8_t kAnnounce = 0;
constexpr std::uint8_t kMap = 1;
constexpr std::uint8_t kUnsupportedVersion = 1;
// Section 7: messages are multiples of 4 bytes, at most 1,100.
constexpr std::size_t kPcpSizeMax = 1100;
constexpr std::size_t kReservedOfResponse = 12;
constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// Section 5: IPv4 addresses as ::ffff:a.b.c.d.
void put_address(wire::RecordWriter& out, const wire::Address& address) {
    out.bytes(kMappedPrefix);
    out.bytes(ByteView(address.bytes).first(4));
}

void put_header(
    wire::RecordWriter& out, std::uint8_t opcode, std::uint32_t lifetime_s, const wire::Address& own
) {
    out.u8(kPcpVersion);
    out.u8(opcode);
    out.u16(0);
    out.u32(lifetime_s);
    put_address(out, own);
}

wire::Address take_address(wire::RecordReader& in) {
    const auto bytes = in.array<16>();
    if (!std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin())) {
        return {};
    }
    return wire::Address::v4(bytes.data() + kMappedPrefix.size());
}

}  // namespace

PcpMapMessage encode(const PcpMapRequest& request) {
    PcpMapMessage message{};
    wire::RecordWriter out(message);
    put_header(out, kMap, request.lifetime_s, request.own);
    out.bytes(request.nonce);
    out.u8(kProtocolUdp);
    out.bytes(std::array<std::uint8_t, 3>{});
    out.u16(request.inner_port);
    out.u16(request.suggested.port);
    put_address(out, request.suggested.address);
    PM_ASSERT(out.ok() && out.written().size() == message.size());
    return message;
}

PcpAnnounceMessage encode_pcp_announce(const wire::Address& own) {
    PcpAnnounceMessage message{};
    wire::RecordWriter out(message);
    put_header(out, kAnnounce, 0, own);
    PM_ASSERT(out.ok() && out.written().size() == message.size());
    return message;
}

Result<PcpResponse> parse_pcp_response(ByteView datagram) {
    if (datagram.size() < 4 || datagram.size() > kPcpSizeMax) {
        return fail(ReachError::kMalformed);
    }
    wire::RecordReader in(datagram);
    // Section 9: whoever knows NAT-PMP alone answers with its own version, 0.
    if (in.u8() != kPcpVersion) {
        return fail(ReachError::kVersion);
    }
    const std::uint8_t opcode = in.u8();
    (void)in.u8();
    const std::uint8_t result = in.u8();
    PcpResponse response;
    response.is_map = opcode == (kResponseBit | kMap);
    if (!response.is_map && opcode != (kResponseBit | kAnnounce)) {
        return fail(ReachError::kMalformed);
    }
    response.lifetime_s = in.u32();
    response.epoch_s = in.u32();
    (void)in.bytes(kReservedOfResponse);
    if (result != 0 && in.ok()) {
        return fail(
            result == kUnsupportedVersion ? ReachError::kVersion : ReachError::kRefused, result
        );
    }
    if (response.is_map) {
        response.nonce = in.array<12>();
        response.protocol = in.u8();
        (void)in.bytes(3);
        response.inner_port = in.u16();
        response.outer.port = in.u16();
        response.outer.address = take_address(in);
    }
    // Options may follow.
    if (!in.ok()) {
        return fail(ReachError::kMalformed);
    }
    return response;
}

}  // namespace phantom::reach
