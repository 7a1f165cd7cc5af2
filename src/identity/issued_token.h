#pragma once

// What an introducer keeps of a token it gave out: enough to admit its holder, not enough to make
// the token again.

#include <vector>

#include "identity/token.h"

namespace phantom::identity {

struct IssuedToken {
    // Names the token, for listing and withdrawing.
    crypto::Hash secret_hash{};
    crypto::PublicKey guest_public_key{};
    crypto::Key preshared_key;
    crypto::Key proof_key;
    UnixTime expiry;
    std::uint8_t uses_left = 0;
    // What a node that joins with it is given; ascending.
    std::vector<Label> tags;
    // Who joined with it.
    std::vector<NodeId> used_by;

    // kTooMany, kNotCanonical, kBadLabel for the tags.
    [[nodiscard]] static Result<IssuedToken> of(const JoinToken& token, std::vector<Label> tags);

    // Whether the guest may still come in: kExpired, kTokenSpent. A node that has joined with this
    // token may finish, or do it again, without spending another use.
    [[nodiscard]] Status check(const NodeId& node, UnixTime now) const;
    // Spends a use, unless `node` has already.
    [[nodiscard]] Status use(const NodeId& node, UnixTime now);
};

}  // namespace phantom::identity
