#include "wireguard/admission.h"

#include "wireguard/constants.h"

namespace phantom::wireguard {

Verdict Admission::judge(
    ByteView message, const wire::SocketAddress& from, std::size_t queue_depth, Instant now
) {
    const CookieChecker& checker = checker_of(message);
    if (!checker.has_mac1(message)) {
        return Verdict::kBadMac1;
    }
    if (!under_load(queue_depth, now)) {
        return Verdict::kAdmit;
    }
    if (!checker.has_mac2(message, from, now)) {
        return Verdict::kNeedsCookie;
    }
    return limiter_.allow(from.address, now) ? Verdict::kAdmit : Verdict::kRateLimited;
}

// Sticky, so that the queue that shrinks because cookies work does not end the cookies.
bool Admission::under_load(std::size_t queue_depth, Instant now) {
    if (queue_depth >= kUnderLoadQueueDepth) {
        under_load_until_ = now + kUnderLoadSticky;
    }
    return now < under_load_until_;
}

}  // namespace phantom::wireguard
