#include "mesh/renewal.h"

#include <algorithm>

#include "base/bytes.h"
#include "identity/labels.h"

namespace phantom::mesh {

namespace {

std::uint64_t life_of(const identity::Certificate& certificate) {
    return certificate.expiry.s - certificate.not_before.s;
}

}  // namespace

identity::UnixTime renewal_due(const identity::Certificate& certificate) {
    const std::uint64_t third = life_of(certificate) / 3;
    const std::uint64_t spread = third / 10;
    const auto drawn = load_be<std::uint32_t>(certificate.serial.data());
    return {certificate.expiry.s - third + (spread == 0 ? 0 : drawn % spread)};
}

bool may_be_renewed(const identity::Certificate& certificate, identity::UnixTime now) {
    return now.s >= certificate.not_before.s + life_of(certificate) / 2;
}

void RenewalClock::asked(Instant now) {
    next_ = now + retry_;
    retry_ = std::min<Duration>(retry_ * 2, kRenewRetryMax);
    ++attempts_;
}

Result<RenewRequest> make_renew_request(
    const identity::Descriptor& descriptor, const crypto::SigningKey& certified
) {
    RenewRequest request;
    request.descriptor = PM_TRY(descriptor.encode());
    request.signature = certified.sign(identity::kRenewalLabel, request.descriptor);
    return request;
}

Result<identity::Descriptor> check_renew_request(
    const RenewRequest& request, const identity::MemberRecord& member, identity::UnixTime now
) {
    auto descriptor = PM_TRY(identity::Descriptor::decode(request.descriptor));
    if (descriptor.node() != member.certificate.node) {
        return fail(identity::IdentityError::kWrongNode);
    }
    PM_TRY(crypto::verify(
        member.descriptor.keys.verify, identity::kRenewalLabel, request.descriptor,
        request.signature
    ));
    PM_TRY(descriptor.verify(now));
    return descriptor;
}

Result<identity::Certificate> renew(
    const identity::Certificate& certificate, const crypto::SigningKey& root,
    identity::UnixTime now, Random& random
) {
    identity::Certificate next = certificate;
    random.fill(next.serial);
    next.not_before = now;
    next.expiry = now.plus(life_of(certificate));
    PM_TRY(next.issue(root));
    return next;
}

}  // namespace phantom::mesh
