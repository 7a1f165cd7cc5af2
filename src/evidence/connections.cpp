// What connection tracking knows, over netlink (linux/netfilter/nfnetlink_conntrack.h).

#include "evidence/connections.h"

#include <array>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "evidence/system_state.h"

namespace phantom::evidence {

namespace {

using Attributes = std::array<const nlattr*, 64>;

int note_attribute(const nlattr* attribute, void* data) {
    auto& found = *static_cast<Attributes*>(data);
    const std::uint16_t type = mnl_attr_get_type(attribute);
    if (type < found.size()) {
        found[type] = attribute;
    }
    return MNL_CB_OK;
}

Attributes nested(const nlattr* in) {
    Attributes found{};
    if (in != nullptr) {
        (void)mnl_attr_parse_nested(in, note_attribute, &found);
    }
    return found;
}

wire::Address address_in(const nlattr* v4, const nlattr* v6) {
    if (v4 != nullptr && mnl_attr_get_payload_len(v4) == 4) {
        return wire::Address::v4(static_cast<const std::uint8_t*>(mnl_attr_get_payload(v4)));
    }
    return v6 != nullptr && mnl_attr_get_payload_len(v6) == 16
               ? wire::Address::v6(static_cast<const std::uint8_t*>(mnl_attr_get_payload(v6)))
               : wire::Address();
}

std::uint16_t port_at(const nlattr* attribute) {
    return attribute != nullptr && mnl_attr_get_payload_len(attribute) == 2
               ? ntohs(mnl_attr_get_u16(attribute))
               : std::uint16_t{0};
}

std::uint8_t byte_at(const nlattr* attribute) {
    return attribute != nullptr && mnl_attr_get_payload_len(attribute) == 1
               ? mnl_attr_get_u8(attribute)
               : std::uint8_t{0};
}

TrackedConnection::Way way_in(const nlattr* tuple) {
    const Attributes parts = nested(tuple);
    const Attributes ip = nested(parts[CTA_TUPLE_IP]);
    const Attributes proto = nested(parts[CTA_TUPLE_PROTO]);
    return {
        .source =
            {.address = address_in(ip[CTA_IP_V4_SRC], ip[CTA_IP_V6_SRC]),
             .port = port_at(proto[CTA_PROTO_SRC_PORT])},
        .destination =
            {.address = address_in(ip[CTA_IP_V4_DST], ip[CTA_IP_V6_DST]),
             .port = port_at(proto[CTA_PROTO_DST_PORT])},
        .protocol = byte_at(proto[CTA_PROTO_NUM]),
    };
}

// Whether packets may go both ways; of what is not TCP nobody says that it is over.
bool is_open(const nlattr* protoinfo) {
    const Attributes tcp = nested(nested(protoinfo)[CTA_PROTOINFO_TCP]);
    if (tcp[CTA_PROTOINFO_TCP_STATE] == nullptr) {
        return true;
    }
    const std::uint8_t state = byte_at(tcp[CTA_PROTOINFO_TCP_STATE]);
    return state >= TCP_CONNTRACK_ESTABLISHED && state <= TCP_CONNTRACK_CLOSE_WAIT;
}

int visit_connection(const nlmsghdr* message, void* data) {
    const auto& visit = *static_cast<const ConnectionVisitor*>(data);
    Attributes found{};
    (void)mnl_attr_parse(message, sizeof(nfgenmsg), note_attribute, &found);
    const nlattr* timeout = found[CTA_TIMEOUT];
    const bool has_timeout = timeout != nullptr && mnl_attr_get_payload_len(timeout) == 4;
    const TrackedConnection connection{
        .there = way_in(found[CTA_TUPLE_ORIG]),
        .back = way_in(found[CTA_TUPLE_REPLY]),
        .is_open = is_open(found[CTA_PROTOINFO]),
        .left_s = has_timeout ? ntohl(mnl_attr_get_u32(timeout)) : 0,
    };
    return visit(connection) ? MNL_CB_OK : MNL_CB_STOP;
}

std::string way_text(const TrackedConnection::Way& way) {
    const auto address = [](const wire::SocketAddress& end) {
        return end.address.is_none() ? std::string("-") : end.address.to_string();
    };
    return fmt::format(
        "proto {} src {} dst {} sport {} dport {}", way.protocol, address(way.source),
        address(way.destination), way.source.port, way.destination.port
    );
}

}  // namespace

std::string visit_connections(const ConnectionVisitor& visit) {
    mnl_socket* const socket = mnl_socket_open(NETLINK_NETFILTER);
    if (socket == nullptr || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
        if (socket != nullptr) {
            (void)mnl_socket_close(socket);
        }
        return "no netlink";
    }
    std::array<char, 32'768> buffer{};
    nlmsghdr* const header = mnl_nlmsg_put_header(buffer.data());
    header->nlmsg_type = (NFNL_SUBSYS_CTNETLINK << 8U) | IPCTNL_MSG_CT_GET;
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    header->nlmsg_seq = 1;
    auto* const family =
        static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(header, sizeof(nfgenmsg)));
    family->nfgen_family = AF_UNSPEC;
    family->version = NFNETLINK_V0;
    ConnectionVisitor visitor = visit;  // libmnl hands on what may be changed
    int verdict =
        mnl_socket_sendto(socket, header, header->nlmsg_len) < 0 ? MNL_CB_ERROR : MNL_CB_OK;
    while (verdict == MNL_CB_OK) {
        const ssize_t count = mnl_socket_recvfrom(socket, buffer.data(), buffer.size());
        verdict = count <= 0 ? MNL_CB_ERROR
                             : mnl_cb_run(
                                   buffer.data(), static_cast<std::size_t>(count), 1,
                                   mnl_socket_get_portid(socket), visit_connection, &visitor
                               );
    }
    (void)mnl_socket_close(socket);
    return verdict == MNL_CB_ERROR ? "connection tracking does not answer" : "";
}

Collected collect_connections() {
    Collected item{
        .what = "connections",
        .collector = "ctnetlink",
        .note = {},
        .content = "# there | back | left\n",
        .at = wall_now(),
        .monotonic = monotonic_now(),
    };
    item.note = visit_connections([&](const TrackedConnection& connection) {
        item.content += fmt::format(
            "{} | {} | timeout {} s\n", way_text(connection.there), way_text(connection.back),
            connection.left_s
        );
        return item.content.size() <= kItemSizeMax;
    });
    return item;
}

}  // namespace phantom::evidence
