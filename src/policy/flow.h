#pragma once

// What a policy is asked about, and how it is read from an inner packet.

#include <cstdint>
#include <optional>

#include "wire/ip.h"

namespace phantom::policy {

inline constexpr std::uint8_t kProtocolIcmp = 1;
inline constexpr std::uint8_t kProtocolIcmpV6 = 58;

// One direction of a conversation. TCP and UDP have their ports. An echo has its identifier in both,
// and its kind, so that a reply is not taken for a request.
struct Flow {
    enum class Kind : std::uint8_t { kOther, kEchoRequest, kEchoReply };

    wire::Address source;
    wire::Address destination;
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint8_t protocol = 0;
    Kind kind = Kind::kOther;

    friend bool operator==(const Flow&, const Flow&) = default;
    [[nodiscard]] Flow reversed() const;
    [[nodiscard]] bool is_icmp() const {
        return protocol == kProtocolIcmp || protocol == kProtocolIcmpV6;
    }
};

// What a packet is to a filter.
struct PacketView {
    enum class Role : std::uint8_t {
        kWhole,
        kFirstFragment,
        kLaterFragment,  // `flow` has no ports
        kIcmpError,      // `flow` is what the quoted packet belongs to, as it was sent
    };
    Role role = Role::kWhole;
    bool begins_tcp = false;  // SYN without ACK; also where the flags are not there to see
    std::uint32_t fragment_id = 0;
    Flow flow;
};

// None: cut off before what has to be seen, or an error that quotes somebody else's packet. IPv6
// extension headers are not walked, but for a fragment header in the first place: what is behind
// others is of that header's protocol, which only "*" covers.
[[nodiscard]] std::optional<PacketView> view_packet(ByteView packet, const wire::IpPacket& ip);

}  // namespace phantom::policy
