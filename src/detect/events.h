#pragma once

// What may be odd about a packet, a stream or a message of an application, as rules name it
// (decode-event, stream-event, app-layer-event). Only what is really noticed here has a name here:
// a rule that waits for anything else is reported as not usable.

#include <cstdint>
#include <optional>
#include <string_view>

namespace phantom::detect {

enum class Event : std::uint8_t {
    kIpv4TooSmall,
    kIpv4HeaderTooSmall,
    kIpv4Truncated,
    kIpv4LengthTooSmall,
    kIpv4FragmentOverlap,
    kIpv4FragmentTooLarge,
    kIpv4WrongVersion,
    kIpv6TooSmall,
    kIpv6Truncated,
    kIpv6WrongVersion,
    kIpv6TruncatedExtension,
    kIpv6UselessFragmentHeader,
    kIpv6DuplicateFragmentHeader,
    kIpv6FragmentTooLarge,
    kIpv6FragmentOverlap,
    kIpv6FragmentInvalidLength,
    kIpv4InIpv6WrongVersion,
    kIpv4InIpv6TooSmall,
    kTcpTooSmall,
    kTcpHeaderTooSmall,
    kTcpInvalidOptionLength,
    kTcpInvalidOption,
    kTcpDuplicateOption,
    kUdpTooSmall,
    kUdpHeaderTooSmall,
    kUdpLengthInvalid,
    kIcmpTooSmall,
    kIcmpv6TooSmall,
    kGreTooSmall,
    kEthernetTooSmall,
    kDnsZFlag,
    kDnsNotRequest,
    kDnsNotResponse,
    kDnsMalformed,
    kDnsNameTooLong,
    kDnsTooManyLabels,
    kDnsInfiniteLoop,
    kDnsInvalidOpcode,
    kHttpDuplicateContentLengthRequest,
    kHttpDuplicateContentLengthResponse,
    kHttpAuthUnrecognized,
    kHttpFailedProtocolChange,
    kHttpInvalidContentLengthRequest,
    kHttpInvalidContentLengthResponse,
    kHttpMissingHost,
    kTlsInvalidRecord,
    kCount,
};

// "ipv6.frag_overlap", "dns.z_flag_set".
[[nodiscard]] std::optional<Event> event_named(std::string_view name);

}  // namespace phantom::detect
