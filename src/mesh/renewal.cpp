#include "mesh/renewal.h"

#include <algorithm>

#include "base/bytes.h"
#include "identity/labels.h"

namespace phantom::mesh {

namespace {

std::uint64_t life_of(const identity::Certificate& certificate) {
    return certificate.expiry.s - certificate.not_before.s;
}

// Another for each certificate, so that they do not all come at once.
std::uint64_t drawn_below(std::uint64_t bound, const identity::Certificate& certificate) {
    return bound == 0 ? 0 : load_be<std::uint32_t>(certificate.serial.data()) % bound;
}

}  // namespace

identity::UnixTime renewal_due(const identity::Certificate& certificate) {
    const std::uint64_t third = life_of(certificate) / 3;
    return {certificate.expiry.s - third + drawn_below(third / 10, certificate)};
}

identity::UnixTime rotation_due(const identity::Certificate& certificate) {
    const std::uint64_t age = kKeysLifetimeS + drawn_below(kKeysLifetimeS / 10, certificate);
    return certificate.keys_since.plus(age);
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
    if (descriptor.node != member.certificate.node) {
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
    const identity::Certificate& certificate, const NextKeys& keys, const crypto::SigningKey& root,
    identity::UnixTime now, Random& random
) {
    if (keys.generation > identity::kGenerationMax) {
        return fail(identity::IdentityError::kBadGeneration, keys.generation);
    }
    identity::Certificate next = certificate;
    if (keys.hash != certificate.keys) {
        next.keys = keys.hash;
        next.keys_since = now;
    }
    next.generation = static_cast<std::uint16_t>(keys.generation);
    random.fill(next.serial);
    next.not_before = now;
    next.expiry = now.plus(life_of(certificate));
    PM_TRY(next.issue(root));
    return next;
}

}  // namespace phantom::mesh
