#include "remedy/target.h"

#include <algorithm>

namespace phantom::remedy {

namespace {

bool has_shape(const Target& target) {
    const KeyKind kind = target.kind();
    switch (target.executor) {
        case Executor::kFirewall:
            return kind == KeyKind::kAddress && target.option == 0;
        case Executor::kIsolation:
            return (kind == KeyKind::kMember || kind == KeyKind::kHost) && target.option == 0;
        case Executor::kRateLimit:
            return (kind == KeyKind::kAddress || kind == KeyKind::kMember) &&
                   std::ranges::find(kRates, target.option) != kRates.end();
        case Executor::kTunnel:
            return kind == KeyKind::kMember && (target.option == kBar || target.option == kRekey);
        case Executor::kRoute:
            return (kind == KeyKind::kPrefix || kind == KeyKind::kMemberRoute) &&
                   target.option == 0;
        case Executor::kCredential:
            return kind == KeyKind::kMember && target.option == 0;
    }
    return false;
}

}  // namespace

Status check_shape(const Target& target) {
    return has_shape(target) ? Status() : fail(RemedyError::kBadTarget);
}

const char* name_of(Executor executor) {
    switch (executor) {
        case Executor::kFirewall:
            return "firewall";
        case Executor::kIsolation:
            return "isolation";
        case Executor::kRateLimit:
            return "rate-limit";
        case Executor::kTunnel:
            return "tunnel";
        case Executor::kRoute:
            return "route";
        case Executor::kCredential:
            return "credential";
    }
    return "";
}

const MemberId* member_of(const Target& target) {
    if (const auto* route = std::get_if<MemberRoute>(&target.key)) {
        return &route->via;
    }
    return std::get_if<MemberId>(&target.key);
}

}  // namespace phantom::remedy
