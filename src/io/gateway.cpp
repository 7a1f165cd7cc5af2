#include "io/gateway.h"

#include <array>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "io/fd.h"
#include "io/udp_address.h"

namespace phantom::io {

namespace {

constexpr std::size_t kDumpBufferSize = std::size_t{32} << 10U;
// Parts of an answer; a table longer than that has its default route at the beginning.
constexpr int kDumpPartsMax = 64;

struct DefaultRoute {
    std::optional<Gateway> found;
    std::uint32_t metric = 0;
};

struct RouteFields {
    Gateway gateway;
    std::uint32_t metric = 0;
};

int read_field(const nlattr* attribute, void* data) {
    auto& fields = *static_cast<RouteFields*>(data);
    if (mnl_attr_get_payload_len(attribute) < sizeof(std::uint32_t)) {
        return MNL_CB_OK;
    }
    switch (mnl_attr_get_type(attribute)) {
        case RTA_GATEWAY:
            fields.gateway.address =
                wire::Address::v4(static_cast<const std::uint8_t*>(mnl_attr_get_payload(attribute))
                );
            break;
        case RTA_OIF:
            fields.gateway.interface = mnl_attr_get_u32(attribute);
            break;
        case RTA_PRIORITY:
            fields.metric = mnl_attr_get_u32(attribute);
            break;
        default:
            break;
    }
    return MNL_CB_OK;
}

int read_route(const nlmsghdr* header, void* data) {
    auto& best = *static_cast<DefaultRoute*>(data);
    const auto* route = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(header));
    if (route->rtm_family != AF_INET || route->rtm_dst_len != 0 || route->rtm_type != RTN_UNICAST ||
        route->rtm_table != RT_TABLE_MAIN) {
        return MNL_CB_OK;
    }
    RouteFields fields;
    (void)mnl_attr_parse(header, sizeof(rtmsg), read_field, &fields);
    if (!fields.gateway.address.is_none() && (!best.found || fields.metric < best.metric)) {
        best = {fields.gateway, fields.metric};
    }
    return MNL_CB_OK;
}

std::optional<Gateway> ask_routes() {
    const Fd netlink(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    std::array<std::uint8_t, MNL_ALIGN(sizeof(nlmsghdr)) + MNL_ALIGN(sizeof(rtmsg))> request{};
    nlmsghdr* header = mnl_nlmsg_put_header(request.data());
    header->nlmsg_type = RTM_GETROUTE;
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    auto* route = static_cast<rtmsg*>(mnl_nlmsg_put_extra_header(header, sizeof(rtmsg)));
    route->rtm_family = AF_INET;
    if (!netlink.valid() || send(netlink.get(), header, header->nlmsg_len, 0) < 0) {
        return std::nullopt;
    }
    DefaultRoute best;
    std::array<std::uint8_t, kDumpBufferSize> buffer;
    for (int part = 0; part < kDumpPartsMax; ++part) {
        const ssize_t got = recv(netlink.get(), buffer.data(), buffer.size(), 0);
        if (got <= 0 ||
            mnl_cb_run(buffer.data(), static_cast<std::size_t>(got), 0, 0, read_route, &best) <=
                MNL_CB_STOP) {
            break;
        }
    }
    return best.found;
}

}  // namespace

std::optional<Gateway> default_gateway() {
    auto gateway = ask_routes();
    if (!gateway) {
        return std::nullopt;
    }
    // The kernel's choice of a source, without a packet.
    const Fd probe(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_storage address{};
    socklen_t size = to_sockaddr({.address = gateway->address, .port = 9}, address);
    if (!probe.valid() ||
        connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
        return std::nullopt;
    }
    size = sizeof address;
    if (getsockname(probe.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        return std::nullopt;
    }
    gateway->own = from_sockaddr(address).address;
    return gateway;
}

std::uint32_t mtu_of(std::uint32_t interface) {
    const Fd control(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    if (if_indextoname(interface, request.ifr_name) == nullptr || !control.valid() ||
        ioctl(control.get(), SIOCGIFMTU, &request) != 0) {
        return 0;
    }
    return static_cast<std::uint32_t>(request.ifr_mtu);
}

}  // namespace phantom::io
