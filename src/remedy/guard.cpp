#include "remedy/guard.h"

#include <algorithm>
#include <string_view>

#include "base/assert.h"

namespace phantom::remedy {

namespace {

// RFC 6890 and what follows it: addresses that are no other machine's, or everybody's.
constexpr std::array<std::string_view, 9> kAlwaysGuarded{
    "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32",
    "::/128",    "::1/128",     "fe80::/10",      "ff00::/8",
};

std::uint8_t length_min(const wire::Prefix& prefix) {
    return prefix.address.family == wire::Family::kV4 ? kRouteLengthMinV4 : kRouteLengthMinV6;
}

wire::Prefix prefix_of_one(const wire::Address& address) {
    return wire::Prefix::of(address, static_cast<std::uint8_t>(address.bit_count()));
}

template <class List>
void cut_to_bound(List& list) {
    list.resize(std::min(list.size(), kGuardedMax));
}

}  // namespace

ExecutorLimits default_limits() {
    ExecutorLimits limits;
    const auto set = [&](Executor executor, double confidence) {
        limits[index_of(executor)].confidence_min = confidence;
    };
    set(Executor::kRateLimit, 0.7);
    set(Executor::kFirewall, 0.9);
    set(Executor::kTunnel, 0.9);  // to agree keys anew; to bar somebody, see Guard::check
    set(Executor::kRoute, 0.95);
    set(Executor::kIsolation, 0.97);
    set(Executor::kCredential, 0.97);
    return limits;
}

Guard::Guard(GuardOptions options) : options_(std::move(options)) {
    cut_to_bound(options_.prefixes);
    cut_to_bound(options_.members);
    for (const std::string_view text : kAlwaysGuarded) {
        const auto prefix = wire::Prefix::parse(text);
        PM_ASSERT(prefix.has_value());
        options_.prefixes.push_back(*prefix);
    }
}

bool Guard::is_guarded(const wire::Prefix& prefix, Executor executor) const {
    const auto touches = [&](const std::vector<wire::Prefix>& list) {
        return std::ranges::any_of(list, [&](const wire::Prefix& each) {
            return each.overlaps(prefix);
        });
    };
    const auto own = options_.prefixes_of.find(executor);
    return prefix.address.is_none() || touches(options_.prefixes) ||
           (own != options_.prefixes_of.end() && touches(own->second));
}

bool Guard::is_guarded(const MemberId& member, Executor executor) const {
    const auto has = [&](const std::vector<MemberId>& list) {
        return std::ranges::find(list, member) != list.end();
    };
    const auto own = options_.members_of.find(executor);
    return has(options_.members) || (own != options_.members_of.end() && has(own->second));
}

bool Guard::is_guarded(const Target& target) const {
    switch (target.kind()) {
        case KeyKind::kAddress:
            return is_guarded(prefix_of_one(std::get<wire::Address>(target.key)), target.executor);
        case KeyKind::kPrefix: {
            const auto& prefix = std::get<wire::Prefix>(target.key);
            return prefix.length < length_min(prefix) || is_guarded(prefix, target.executor);
        }
        case KeyKind::kMember:
            return is_guarded(std::get<MemberId>(target.key), target.executor);
        case KeyKind::kHost:
            return false;  // but only with approval
        case KeyKind::kMemberRoute:
            return is_guarded(std::get<MemberRoute>(target.key).via, target.executor);
    }
    return true;
}

Status Guard::check_always(const Request& request) const {
    PM_TRY(check_shape(request.target));
    if (is_guarded(request.target)) {
        return fail(RemedyError::kGuarded);
    }
    const Terms& terms = request.terms;
    if (terms.duration < kActionShortest || terms.duration > kActionLongest ||
        terms.confirm_within < Duration(0) || terms.confirm_within > kConfirmWithinMax) {
        return fail(RemedyError::kBadDuration);
    }
    return {};
}

bool Guard::is_over_budget(const Target& target, const Ledger& ledger) const {
    const MemberId* member = member_of(target);
    if (member == nullptr || target.executor == Executor::kRateLimit ||
        (target.executor == Executor::kTunnel && target.option == kRekey)) {
        return false;
    }
    const std::vector<MemberId> cut_off = ledger.members_cut_off();
    const std::size_t may_be =
        std::max<std::size_t>(1, options_.member_count * kCutOffPercentMax / 100);
    return std::ranges::find(cut_off, *member) == cut_off.end() && cut_off.size() >= may_be;
}

Status Guard::check(const Request& request, const Ledger& ledger) const {
    PM_TRY(check_always(request));
    const Target& target = request.target;
    const Limits& limits = options_.limits[index_of(target.executor)];
    const bool bars = target.executor == Executor::kTunnel && target.option == kBar;
    if (!request.is_approved && (limits.needs_approval || target.kind() == KeyKind::kHost)) {
        return fail(RemedyError::kNeedsApproval);
    }
    // To bar a member is to isolate it.
    const double confidence_min =
        bars ? std::max(
                   limits.confidence_min,
                   options_.limits[index_of(Executor::kIsolation)].confidence_min
               )
             : limits.confidence_min;
    // Written so that a confidence that is no number is not enough.
    if (!request.is_approved && !(request.confidence >= confidence_min)) {
        return fail(RemedyError::kLowConfidence);
    }
    const std::size_t active = ledger.count(target.executor);
    if (active >= std::min(limits.active_max, kActionsMax) ||
        (!request.is_approved && (active >= limits.unasked_max || is_over_budget(target, ledger))
        )) {
        return fail(RemedyError::kBudget);
    }
    return {};
}

}  // namespace phantom::remedy
