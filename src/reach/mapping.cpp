#include "reach/mapping.h"

#include <algorithm>

namespace phantom::reach {

const char* name_of(MappingProtocol protocol) {
    switch (protocol) {
        case MappingProtocol::kPcp:
            return "PCP";
        case MappingProtocol::kNatPmp:
            return "NAT-PMP";
        case MappingProtocol::kUpnp:
            return "UPnP";
    }
    return "?";
}

void Lease::grant(Duration lifetime, Instant now) {
    lifetime = std::clamp<Duration>(lifetime, kMappingLifetimeMin, kMappingLifetimeMax);
    ends_ = now + lifetime;
    renew_at_ = now + lifetime / 2;
}

// Then at three quarters, seven eighths, ...
void Lease::attempted(Instant now) {
    renew_at_ = now + std::max<Duration>((ends_ - now) / 2, kRenewalRetryMin);
}

}  // namespace phantom::reach
