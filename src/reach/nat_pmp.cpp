#include "reach/nat_pmp.h"

#include "base/assert.h"
#include "wire/record.h"

namespace phantom::reach {

namespace {

constexpr std::uint8_t kMapUdp = 1;
constexpr std::uint8_t kAddressAnswer = 128;
constexpr std::uint8_t kMapUdpAnswer = 129;

}  // namespace

NatPmpMapMessage encode(const NatPmpMapRequest& request) {
    NatPmpMapMessage message{};
    wire::RecordWriter out(message);
    out.u8(0);
    out.u8(kMapUdp);
    out.u16(0);
    out.u16(request.inner_port);
    out.u16(request.suggested_port);
    out.u32(request.lifetime_s);
    PM_ASSERT(out.ok() && out.written().size() == message.size());
    return message;
}

Result<NatPmpResponse> parse_nat_pmp_response(ByteView datagram) {
    wire::RecordReader in(datagram);
    if (in.u8() != 0) {
        return fail(ReachError::kVersion);
    }
    const std::uint8_t opcode = in.u8();
    const std::uint16_t result = in.u16();
    NatPmpResponse response;
    response.epoch_s = in.u32();
    // Section 3.5: a refusal may end here.
    if (in.ok() && result != 0) {
        return fail(ReachError::kRefused, result);
    }
    if (opcode == kAddressAnswer) {
        response.outer = wire::Address::v4(in.array<4>().data());
    } else if (opcode == kMapUdpAnswer) {
        response.inner_port = in.u16();
        response.outer_port = in.u16();
        response.lifetime_s = in.u32();
    } else {
        in.reject();
    }
    if (!in.finish()) {
        return fail(ReachError::kMalformed);
    }
    return response;
}

}  // namespace phantom::reach
