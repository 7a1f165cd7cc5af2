#pragma once

// Shamir's scheme: a secret is cut into shares, so many of which restore it, and fewer of which tell
// nothing about it, whatever their holders can compute. (A. Shamir, How to share a secret, 1979; each
// byte by itself, in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1.) By libgfshare.
//
// A share does not say whether it is a good one: of a wrong one, or of too few, something else is
// restored. Who calls this must be able to tell.
//
// Its tables are looked up by secret bytes: for a rare act on a machine that is trusted with the
// secret, not for one that strangers can time. One thread at a time.

#include <cstdint>
#include <span>
#include <vector>

#include "crypto/secret_bytes.h"

namespace phantom::crypto {

inline constexpr std::uint8_t kSharesMax = 16;
// With a threshold of one every share would be the secret itself.
inline constexpr std::uint8_t kShareThresholdMin = 2;

struct SecretShare {
    std::uint8_t number = 0;  // the place where the polynomials are evaluated: not 0
    SecretBytes value;        // as long as the secret
};

// Numbered from 1. kShareThresholdMin <= threshold <= count <= kSharesMax. Random is the kernel's
// alone: the library asks for it through a global function that has no place for another.
[[nodiscard]] std::vector<SecretShare> split_secret(
    ByteView secret, std::uint8_t threshold, std::uint8_t count
);

// At least one share and kSharesMax at most, of one length, each with a number of its own.
[[nodiscard]] SecretBytes join_shares(std::span<const SecretShare> shares);

}  // namespace phantom::crypto
