#include "io/routing.h"

#include <array>

#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "io/netlink_request.h"

namespace phantom::io {

namespace {

// Worse than any other route of the table.
constexpr std::uint32_t kUnreachableMetric = 65'535;
constexpr std::uint16_t kMakes = NLM_F_CREATE | NLM_F_REPLACE;

using Buffer = std::array<std::uint8_t, kRequestSize>;

std::uint8_t family_of(wire::Family family) {
    return family == wire::Family::kV4 ? AF_INET : AF_INET6;
}

nlmsghdr* begin(Buffer& buffer, std::uint16_t type, std::uint16_t flags) {
    nlmsghdr* header = mnl_nlmsg_put_header(buffer.data());
    header->nlmsg_type = type;
    header->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
    return header;
}

rtmsg* put_route(nlmsghdr* header, wire::Family family, std::uint32_t table) {
    auto* route = static_cast<rtmsg*>(mnl_nlmsg_put_extra_header(header, sizeof(rtmsg)));
    route->rtm_family = family_of(family);
    route->rtm_table = RT_TABLE_UNSPEC;
    route->rtm_protocol = RTPROT_STATIC;
    route->rtm_type = RTN_UNICAST;
    mnl_attr_put_u32(header, RTA_TABLE, table);
    return route;
}

Status change_route(
    int tun_fd, const wire::Prefix& to, const wire::Address& source, std::uint32_t table,
    nlmsghdr* header
) {
    const int index = PM_TRY(link_index(tun_fd));
    rtmsg* route = put_route(header, to.address.family, table);
    route->rtm_dst_len = to.length;
    // Nobody in between: the other end of the tunnel is on the link.
    route->rtm_scope = to.address.family == wire::Family::kV4 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
    if (to.length != 0) {
        mnl_attr_put(header, RTA_DST, to.address.size_bytes(), to.address.bytes.data());
    }
    if (!source.is_none()) {
        mnl_attr_put(header, RTA_PREFSRC, source.size_bytes(), source.bytes.data());
    }
    mnl_attr_put_u32(header, RTA_OIF, static_cast<std::uint32_t>(index));
    return ask_kernel(tun_fd, header);
}

Status change_unreachable(int tun_fd, wire::Family family, std::uint32_t table, nlmsghdr* header) {
    rtmsg* route = put_route(header, family, table);
    route->rtm_type = RTN_UNREACHABLE;
    mnl_attr_put_u32(header, RTA_PRIORITY, kUnreachableMetric);
    return ask_kernel(tun_fd, header);
}

Status change_rule(int tun_fd, const Rule& rule, nlmsghdr* header) {
    auto* made =
        static_cast<fib_rule_hdr*>(mnl_nlmsg_put_extra_header(header, sizeof(fib_rule_hdr)));
    made->family = family_of(rule.family);
    made->action = FR_ACT_TO_TBL;
    mnl_attr_put_u32(header, FRA_PRIORITY, rule.priority);
    mnl_attr_put_u32(header, FRA_TABLE, rule.table);
    if (rule.unless_mark) {
        made->flags = FIB_RULE_INVERT;
        mnl_attr_put_u32(header, FRA_FWMARK, *rule.unless_mark);
        mnl_attr_put_u32(header, FRA_FWMASK, UINT32_MAX);
    }
    if (rule.but_default) {
        mnl_attr_put_u32(header, FRA_SUPPRESS_PREFIXLEN, 0);
    }
    return ask_kernel(tun_fd, header);
}

}  // namespace

Status add_route(
    int tun_fd, const wire::Prefix& to, const wire::Address& source, std::uint32_t table
) {
    Buffer buffer;
    return change_route(tun_fd, to, source, table, begin(buffer, RTM_NEWROUTE, kMakes));
}

Status remove_route(int tun_fd, const wire::Prefix& to, std::uint32_t table) {
    Buffer buffer;
    return change_route(tun_fd, to, {}, table, begin(buffer, RTM_DELROUTE, 0));
}

Status add_unreachable(int tun_fd, wire::Family family, std::uint32_t table) {
    Buffer buffer;
    return change_unreachable(tun_fd, family, table, begin(buffer, RTM_NEWROUTE, kMakes));
}

Status remove_unreachable(int tun_fd, wire::Family family, std::uint32_t table) {
    Buffer buffer;
    return change_unreachable(tun_fd, family, table, begin(buffer, RTM_DELROUTE, 0));
}

Status add_rule(int tun_fd, const Rule& rule) {
    Buffer buffer;
    return change_rule(tun_fd, rule, begin(buffer, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL));
}

Status remove_rule(int tun_fd, const Rule& rule) {
    Buffer buffer;
    return change_rule(tun_fd, rule, begin(buffer, RTM_DELRULE, 0));
}

}  // namespace phantom::io
