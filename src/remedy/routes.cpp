#include "remedy/routes.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "remedy/route_messages.h"

namespace phantom::remedy {

namespace {

constexpr timeval kRouteAnswerPatience{.tv_sec = 2, .tv_usec = 0};
constexpr std::size_t kRouteAnswerSizeMax = 65'536;

// What an error says that is none: what is to be gone is not there, what is to be there is.
bool is_as_it_is(int error) {
    return error == -ESRCH || error == -ENOENT || error == -EEXIST;
}

const wire::Prefix& prefix_of(const Target& target) {
    return std::get<wire::Prefix>(target.key);
}

}  // namespace

Result<std::unique_ptr<Routes>> Routes::open() {
    io::Fd netlink(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!netlink.valid() || setsockopt(
                                netlink.get(), SOL_SOCKET, SO_RCVTIMEO, &kRouteAnswerPatience,
                                sizeof kRouteAnswerPatience
                            ) != 0) {
        return fail_with_errno(RemedyError::kRouteRefused);
    }
    // Dumps of our table alone; where the kernel cannot, they are longer.
    const int strict = 1;
    (void)setsockopt(netlink.get(), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &strict, sizeof strict);
    return std::unique_ptr<Routes>(new Routes(std::move(netlink)));
}

template <class TakeMessage>
Result<bool> Routes::ask(ByteView request, TakeMessage take) {
    const std::uint32_t number = sequence_++;
    if (::send(socket_.get(), request.data(), request.size(), 0) < 0) {
        return fail_with_errno(RemedyError::kRouteRefused);
    }
    alignas(nlmsghdr) std::array<std::uint8_t, kRouteAnswerSizeMax> buffer;
    while (true) {
        const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (got < 0) {
            return fail_with_errno(RemedyError::kRouteRefused);
        }
        auto left = static_cast<int>(got);
        for (const auto* header = reinterpret_cast<const nlmsghdr*>(buffer.data());
             mnl_nlmsg_ok(header, left); header = mnl_nlmsg_next(header, &left)) {
            if (header->nlmsg_seq != number) {
                continue;  // of a question that was given up
            }
            if (header->nlmsg_type == NLMSG_DONE) {
                return true;
            }
            if (header->nlmsg_type == NLMSG_ERROR) {
                const int error =
                    static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(header))->error;
                if (error != 0 && !is_as_it_is(error)) {
                    return fail(RemedyError::kRouteRefused, static_cast<std::uint32_t>(-error));
                }
                return error == 0;
            }
            take(ByteView{reinterpret_cast<const std::uint8_t*>(header), header->nlmsg_len});
        }
    }
}

Result<bool> Routes::change(ByteView request) {
    return ask(request, [](ByteView /*message*/) {});
}

Result<std::vector<wire::Prefix>> Routes::in_table(wire::Family family) {
    std::vector<wire::Prefix> found;
    const auto take = [&](ByteView message) {
        if (const auto prefix = blackhole_in(message)) {
            found.push_back(*prefix);
        }
    };
    // ENOENT: there is no such table.
    (void)PM_TRY(ask(blackholes_dump(family, sequence_), take));
    return found;
}

Result<std::vector<wire::Prefix>> Routes::in_force(wire::Family family) {
    bool is_looked_at = false;
    const auto take = [&](ByteView message) {
        is_looked_at = is_looked_at || is_blackhole_rule(message);
    };
    (void)PM_TRY(ask(rules_dump(family, sequence_), take));
    return is_looked_at ? in_table(family) : std::vector<wire::Prefix>{};
}

Result<Condition> Routes::read(const Target& target, WallTime /*now*/) {
    const wire::Prefix& prefix = prefix_of(target);
    const std::vector<wire::Prefix> found = PM_TRY(in_force(prefix.address.family));
    if (std::ranges::find(found, prefix) == found.end()) {
        return Condition{};
    }
    const auto known = until_.find(target);
    return Condition{
        .in_force = true,
        .until = known == until_.end() ? std::nullopt : std::optional(known->second),
    };
}

// The rule before the first route and after the last: alone it leads nowhere.
Status Routes::write(const Target& target, const Condition& condition, WallTime /*now*/) {
    const wire::Prefix& prefix = prefix_of(target);
    const wire::Family family = prefix.address.family;
    if (condition.in_force) {
        PM_TRY(change(blackhole_rule_change(family, true, sequence_)));
        PM_TRY(change(blackhole_change(prefix, true, sequence_)));
    } else {
        PM_TRY(change(blackhole_change(prefix, false, sequence_)));
        if (PM_TRY(in_table(family)).empty()) {
            PM_TRY(change(blackhole_rule_change(family, false, sequence_)));
        }
    }
    until_.erase(target);
    if (condition.in_force && condition.until) {
        until_[target] = *condition.until;
    }
    return {};
}

Result<Conditions> Routes::read_all(WallTime /*now*/) {
    Conditions conditions;
    for (const wire::Family family : {wire::Family::kV4, wire::Family::kV6}) {
        for (const wire::Prefix& prefix : PM_TRY(in_force(family))) {
            const Target target{.executor = Executor::kRoute, .key = prefix};
            const auto known = until_.find(target);
            conditions[target] = {
                .in_force = true,
                .until = known == until_.end() ? std::nullopt : std::optional(known->second),
            };
        }
    }
    return conditions;
}

}  // namespace phantom::remedy
