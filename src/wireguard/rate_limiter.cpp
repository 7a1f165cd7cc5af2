#include "wireguard/rate_limiter.h"

#include <algorithm>

#include "crypto/noise.h"
#include "wireguard/constants.h"

namespace phantom::wireguard {

namespace {

// A token is counted as the time it takes to earn.
constexpr std::int64_t kCostNs = 1'000'000'000 / kHandshakesPerSecondPerAddress;
constexpr std::int64_t kTokensMaxNs = kCostNs * kHandshakeBurstPerAddress;

// One customer holds a whole IPv6 /64, so that is what counts as one source.
wire::Address source_of(const wire::Address& address) {
    constexpr std::uint8_t kIpv6SourceBits = 64;
    return address.family == wire::Family::kV6 ? wire::Prefix::of(address, kIpv6SourceBits).address
                                               : address;
}

}  // namespace

RateLimiter::RateLimiter(Random& random) : sets_(kSetCount) {
    random.fill(seed_);
}

bool RateLimiter::allow(const wire::Address& address, Instant now) {
    const wire::Address source = source_of(address);
    Bucket* vacant = nullptr;
    for (Bucket& bucket : sets_[set_of(source)]) {
        const std::int64_t idle_ns = (now - bucket.updated).count();
        if (!bucket.updated.is_never() && bucket.address == source) {
            const std::int64_t earned = std::min(bucket.tokens_ns + idle_ns, kTokensMaxNs);
            const bool allowed = earned >= kCostNs;
            bucket.tokens_ns = allowed ? earned - kCostNs : earned;
            bucket.updated = now;
            return allowed;
        }
        if (bucket.updated.is_never() || bucket.tokens_ns + idle_ns >= kTokensMaxNs) {
            vacant = &bucket;
        }
    }
    if (vacant == nullptr) {
        return false;
    }
    *vacant = {source, kTokensMaxNs - kCostNs, now};
    return true;
}

std::size_t RateLimiter::set_of(const wire::Address& address) const {
    const auto mac = crypto::blake2s_mac(seed_, ByteView(address.bytes));
    return load_le<std::uint64_t>(mac.data()) % kSetCount;
}

}  // namespace phantom::wireguard
