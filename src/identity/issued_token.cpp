#include "identity/issued_token.h"

#include <algorithm>

namespace phantom::identity {

Result<IssuedToken> IssuedToken::of(const JoinToken& token, std::vector<Label> tags) {
    PM_TRY(check_tags(tags));
    const GuestKeys guest = token.guest_keys();
    IssuedToken issued;
    issued.secret_hash = token.secret_hash();
    issued.guest_public_key = guest.public_key;
    issued.preshared_key = guest.preshared_key;
    issued.proof_key = guest.proof_key;
    issued.expiry = token.expiry;
    issued.uses_left = token.uses;
    issued.tags = std::move(tags);
    return issued;
}

Status IssuedToken::check(const NodeId& node, UnixTime now) const {
    if (now >= expiry) {
        return fail(IdentityError::kExpired);
    }
    if (uses_left == 0 && std::ranges::find(used_by, node) == used_by.end()) {
        return fail(IdentityError::kTokenSpent);
    }
    return {};
}

Status IssuedToken::use(const NodeId& node, UnixTime now) {
    PM_TRY(check(node, now));
    if (std::ranges::find(used_by, node) == used_by.end()) {
        --uses_left;
        used_by.push_back(node);
    }
    return {};
}

}  // namespace phantom::identity
