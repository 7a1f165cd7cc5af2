// What connection tracking knows, over netlink (linux/netfilter/nfnetlink_conntrack.h).

#include <array>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <libmnl/libmnl.h>
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

std::string address_text(const nlattr* attribute, int family, std::size_t size) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (attribute == nullptr || mnl_attr_get_payload_len(attribute) != size ||
        inet_ntop(family, mnl_attr_get_payload(attribute), text.data(), text.size()) == nullptr) {
        return "-";
    }
    return text.data();
}

std::uint16_t port_at(const nlattr* attribute) {
    return attribute != nullptr && mnl_attr_get_payload_len(attribute) == 2
               ? ntohs(mnl_attr_get_u16(attribute))
               : std::uint16_t{0};
}

std::string tuple_text(const nlattr* tuple) {
    const Attributes parts = nested(tuple);
    const Attributes ip = nested(parts[CTA_TUPLE_IP]);
    const Attributes proto = nested(parts[CTA_TUPLE_PROTO]);
    const bool is_v4 = ip[CTA_IP_V4_SRC] != nullptr;
    const nlattr* number = proto[CTA_PROTO_NUM];
    return fmt::format(
        "proto {} src {} dst {} sport {} dport {}",
        number != nullptr && mnl_attr_get_payload_len(number) == 1 ? mnl_attr_get_u8(number) : 0,
        is_v4 ? address_text(ip[CTA_IP_V4_SRC], AF_INET, 4)
              : address_text(ip[CTA_IP_V6_SRC], AF_INET6, 16),
        is_v4 ? address_text(ip[CTA_IP_V4_DST], AF_INET, 4)
              : address_text(ip[CTA_IP_V6_DST], AF_INET6, 16),
        port_at(proto[CTA_PROTO_SRC_PORT]), port_at(proto[CTA_PROTO_DST_PORT])
    );
}

int note_connection(const nlmsghdr* message, void* data) {
    auto& out = *static_cast<std::string*>(data);
    Attributes found{};
    (void)mnl_attr_parse(message, sizeof(nfgenmsg), note_attribute, &found);
    const nlattr* timeout = found[CTA_TIMEOUT];
    const bool has_timeout = timeout != nullptr && mnl_attr_get_payload_len(timeout) == 4;
    out += fmt::format(
        "{} | {} | timeout {} s\n", tuple_text(found[CTA_TUPLE_ORIG]),
        tuple_text(found[CTA_TUPLE_REPLY]), has_timeout ? ntohl(mnl_attr_get_u32(timeout)) : 0
    );
    return out.size() > kItemSizeMax ? MNL_CB_STOP : MNL_CB_OK;
}

// What is wrong; empty: nothing.
std::string dump(std::string& out) {
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
    int verdict =
        mnl_socket_sendto(socket, header, header->nlmsg_len) < 0 ? MNL_CB_ERROR : MNL_CB_OK;
    while (verdict == MNL_CB_OK) {
        const ssize_t count = mnl_socket_recvfrom(socket, buffer.data(), buffer.size());
        verdict = count <= 0 ? MNL_CB_ERROR
                             : mnl_cb_run(
                                   buffer.data(), static_cast<std::size_t>(count), 1,
                                   mnl_socket_get_portid(socket), note_connection, &out
                               );
    }
    (void)mnl_socket_close(socket);
    return verdict == MNL_CB_ERROR ? "connection tracking does not answer" : "";
}

}  // namespace

Collected collect_connections() {
    Collected item{
        .what = "connections",
        .collector = "ctnetlink",
        .note = {},
        .content = "# there | back | left\n",
        .at = wall_now(),
        .monotonic = monotonic_now(),
    };
    item.note = dump(item.content);
    return item;
}

}  // namespace phantom::evidence
