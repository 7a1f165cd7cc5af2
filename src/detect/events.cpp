#include "detect/events.h"

#include <algorithm>
#include <array>

namespace phantom::detect {

namespace {

// In the order of the enum.
constexpr std::array<std::string_view, static_cast<std::size_t>(Event::kCount)> kEventNames{
    "ipv4.pkt_too_small",
    "ipv4.hlen_too_small",
    "ipv4.trunc_pkt",
    "ipv4.iplen_smaller_than_hlen",
    "ipv4.frag_overlap",
    "ipv4.frag_pkt_too_large",
    "ipv4.wrong_ip_version",
    "ipv6.pkt_too_small",
    "ipv6.trunc_pkt",
    "ipv6.wrong_ip_version",
    "ipv6.trunc_exthdr",
    "ipv6.exthdr_useless_fh",
    "ipv6.exthdr_dupl_fh",
    "ipv6.frag_pkt_too_large",
    "ipv6.frag_overlap",
    "ipv6.frag_invalid_length",
    "ipv6.ipv4_in_ipv6_wrong_version",
    "ipv6.ipv4_in_ipv6_too_small",
    "tcp.pkt_too_small",
    "tcp.hlen_too_small",
    "tcp.opt_invalid_len",
    "tcp.invalid_optlen",
    "tcp.opt_duplicate",
    "udp.pkt_too_small",
    "udp.hlen_too_small",
    "udp.len_invalid",
    "icmpv4.pkt_too_small",
    "icmpv6.pkt_too_small",
    "gre.pkt_too_small",
    "ethernet.pkt_too_small",
    "dns.z_flag_set",
    "dns.not_a_request",
    "dns.not_a_response",
    "dns.malformed_data",
    "dns.name_too_long",
    "dns.too_many_labels",
    "dns.infinite_loop",
    "dns.invalid_opcode",
    "http.duplicate_content_length_field_in_request",
    "http.duplicate_content_length_field_in_response",
    "http.request_auth_unrecognized",
    "http.failed_protocol_change",
    "http.invalid_content_length_field_in_request",
    "http.invalid_content_length_field_in_response",
    "http.missing_host_header",
    "tls.invalid_record_type",
};

}  // namespace

std::optional<Event> event_named(std::string_view name) {
    const auto found = std::ranges::find(kEventNames, name);
    if (found == kEventNames.end()) {
        return std::nullopt;
    }
    return static_cast<Event>(found - kEventNames.begin());
}

}  // namespace phantom::detect
