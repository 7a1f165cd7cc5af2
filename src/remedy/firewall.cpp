#include "remedy/firewall.h"

#include <array>
#include <cerrno>
#include <string>

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/log.h"
#include "io/command.h"
#include "remedy/nft_elements.h"

namespace phantom::remedy {

namespace {

// Numbers that one request may use.
constexpr std::uint32_t kNumbersPerRequest = 8;
constexpr timeval kAnswerPatience{.tv_sec = 2, .tv_usec = 0};
// What the kernel puts into one answer is shorter (linux/netlink.h, NLMSG_GOODSIZE).
constexpr std::size_t kAnswerSizeMax = 65'536;
// An element that ends between the look at it and its removal.
constexpr int kWriteAttempts = 3;

Status run_nft(const std::string& commands) {
    return io::run_command({"nft", commands}) ? Status() : fail(RemedyError::kFirewallSetUp);
}

// True: done. False: it is not there. None: it goes on.
std::optional<Result<bool>> verdict_of(const nlmsghdr& header, std::uint32_t last) {
    if (header.nlmsg_type == NLMSG_DONE) {
        return true;
    }
    if (header.nlmsg_type != NLMSG_ERROR) {
        return std::nullopt;
    }
    const int error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(&header))->error;
    if (error == -ENOENT) {
        return false;
    }
    if (error != 0) {
        return fail(RemedyError::kFirewallRefused, static_cast<std::uint32_t>(-error));
    }
    return header.nlmsg_seq == last ? std::optional<Result<bool>>(true) : std::nullopt;
}

Condition condition_of(const NftElement& element, WallTime now) {
    Condition condition{.in_force = true, .until = {}};
    if (element.left) {
        condition.until = WallTime{now.ns + element.left->count()};
    }
    return condition;
}

// What several places say together: in force where all are, until the first ends.
void join(std::optional<Condition>& all, const std::optional<Condition>& one) {
    if (!all || !one) {
        all.reset();
    } else if (one->until && (!all->until || *one->until < *all->until)) {
        all->until = one->until;
    }
}

}  // namespace

Result<std::unique_ptr<Firewall>> Firewall::set_up(Management management) {
    PM_TRY(run_nft(table_commands(management)));
    io::Fd netlink(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
    if (!netlink.valid() ||
        setsockopt(
            netlink.get(), SOL_SOCKET, SO_RCVTIMEO, &kAnswerPatience, sizeof kAnswerPatience
        ) != 0) {
        return fail_with_errno(RemedyError::kFirewallSocket);
    }
    return std::unique_ptr<Firewall>(new Firewall(std::move(netlink), std::move(management)));
}

Status Firewall::tear_down() {
    // A table that is not there cannot be deleted, and one that is can be added.
    return run_nft("add table inet phantommesh\ndelete table inet phantommesh\n");
}

Status Firewall::set_management(const Management& management) {
    if (management == management_) {
        return {};
    }
    PM_TRY(run_nft(table_commands(management)));
    management_ = management;
    return {};
}

template <class TakeMessage>
Result<bool> Firewall::ask(const NftRequest& request, TakeMessage take) {
    const std::uint32_t first = std::exchange(sequence_, sequence_ + kNumbersPerRequest);
    if (::send(socket_.get(), request.bytes.data(), request.bytes.size(), 0) < 0) {
        return fail_with_errno(RemedyError::kFirewallSocket);
    }
    alignas(nlmsghdr) std::array<std::uint8_t, kAnswerSizeMax> buffer;
    while (true) {
        const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (got < 0) {
            return fail_with_errno(RemedyError::kFirewallSocket);
        }
        auto left = static_cast<int>(got);
        for (const auto* header = reinterpret_cast<const nlmsghdr*>(buffer.data());
             mnl_nlmsg_ok(header, left); header = mnl_nlmsg_next(header, &left)) {
            if (header->nlmsg_seq < first || header->nlmsg_seq > request.last) {
                continue;  // of a question that was given up
            }
            if (auto verdict = verdict_of(*header, request.last)) {
                return std::move(*verdict);
            }
            const auto* bytes = reinterpret_cast<const std::uint8_t*>(header);
            take(ByteView{bytes, header->nlmsg_len});
        }
    }
}

Status Firewall::repair_table() {
    std::size_t rules = 0;
    const auto count = [&](ByteView message) { rules += is_nft_rule(message) ? 1 : 0; };
    const std::string commands = table_commands(management_);
    const bool is_there = PM_TRY(ask(nft_rules_dump(sequence_), count));
    if (is_there && rules == rules_in(commands)) {
        return {};
    }
    log::warning("firewall: somebody took our table or its rules away; they are made again");
    return run_nft(commands);
}

Result<std::optional<Condition>> Firewall::read_place(const NftPlace& place, WallTime now) {
    std::optional<Condition> condition;
    const auto take = [&](ByteView message) {
        for (const NftElement& element : nft_elements_in(message)) {
            if (element.key == place.key) {
                condition = condition_of(element, now);
            }
        }
    };
    (void)PM_TRY(ask(nft_question(place, sequence_), take));
    return condition;
}

Result<Condition> Firewall::read(const Target& target, WallTime now) {
    std::optional<Condition> all = Condition{.in_force = true, .until = {}};
    for (const NftPlace& place : places_of(target)) {
        join(all, PM_TRY(read_place(place, now)));
    }
    return all.value_or(Condition{});
}

Result<bool> Firewall::write_once(const Target& target, const Condition& condition, WallTime now) {
    std::optional<Duration> lasting;
    if (condition.until) {
        lasting = Duration(condition.until->ns - now.ns);
    }
    std::vector<NftChange> changes;
    for (const NftPlace& place : places_of(target)) {
        const bool is_there = PM_TRY(read_place(place, now)).has_value();
        if (is_there || condition.in_force) {
            changes.push_back({
                .place = place,
                .is_there = is_there,
                .shall_be_there = condition.in_force,
                .lasting = lasting,
            });
        }
    }
    if (changes.empty()) {
        return true;
    }
    return ask(nft_change(changes, sequence_), [](ByteView /*message*/) {});
}

Status Firewall::write(const Target& target, const Condition& condition, WallTime now) {
    for (int attempt = 0; attempt < kWriteAttempts; ++attempt) {
        if (PM_TRY(write_once(target, condition, now))) {
            return {};
        }
        PM_TRY(repair_table());
    }
    return fail(RemedyError::kFirewallRefused, ENOENT);
}

Result<Conditions> Firewall::read_all(WallTime now) {
    PM_TRY(repair_table());
    Conditions conditions;
    std::size_t quarantined = 0;
    for (const FirewallSet& set : firewall_sets()) {
        const auto take = [&](ByteView message) {
            for (const NftElement& element : nft_elements_in(message)) {
                conditions[target_of(set, element.key)] = condition_of(element, now);
                quarantined += set.executor == Executor::kIsolation ? 1 : 0;
            }
        };
        if (!PM_TRY(ask(nft_dump(set.name, sequence_), take))) {
            return fail(RemedyError::kFirewallRefused, ENOENT);
        }
    }
    const Target host{.executor = Executor::kIsolation, .key = Host{}};
    if (quarantined > 0) {
        conditions[host] = PM_TRY(read(host, now));  // of all families, or it is not
        std::erase_if(conditions, [](const auto& each) { return !each.second.in_force; });
    }
    return conditions;
}

}  // namespace phantom::remedy
