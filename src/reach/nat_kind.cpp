#include "reach/nat_kind.h"

#include <algorithm>
#include <vector>

namespace phantom::reach {

const char* name_of(NatKind kind) {
    switch (kind) {
        case NatKind::kUnknown:
            return "unknown";
        case NatKind::kNone:
            return "none";
        case NatKind::kTranslated:
            return "translated";
        case NatKind::kEndpointIndependent:
            return "endpoint-independent";
        case NatKind::kSymmetric:
            return "symmetric";
    }
    return "unknown";
}

bool is_private(const wire::Address& address) {
    if (address.family != wire::Family::kV4) {
        return false;
    }
    const auto a = address.bytes[0];
    const auto b = address.bytes[1];
    return a == 10 || (a == 172 && (b & 0xf0U) == 16) || (a == 192 && b == 168) ||
           (a == 100 && (b & 0xc0U) == 64) || (a == 169 && b == 254);
}

NatKind nat_kind(
    std::span<const Observation> observations, std::span<const wire::SocketAddress> own
) {
    std::vector<Observation> outside;
    bool untranslated = false;
    for (const Observation& each : observations) {
        if (each.seen.address.family != wire::Family::kV4) {
            continue;
        }
        const bool is_own = std::ranges::any_of(own, [&](const wire::SocketAddress& place) {
            return place.address == each.seen.address;
        });
        if (!is_own) {
            outside.push_back(each);
        } else if (!is_private(each.seen.address)) {
            untranslated = true;
        }
    }
    if (outside.empty()) {
        return untranslated ? NatKind::kNone : NatKind::kUnknown;
    }
    const Observation& first = outside.front();
    bool two_observers = false;
    for (const Observation& each : outside) {
        if (each.seen != first.seen) {
            return NatKind::kSymmetric;
        }
        two_observers = two_observers || each.by != first.by;
    }
    return two_observers ? NatKind::kEndpointIndependent : NatKind::kTranslated;
}

}  // namespace phantom::reach
