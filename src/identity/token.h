#pragma once

// The join token: one line of text that lets a machine in. It says which mesh, where its introducer
// is and under which WireGuard key, and holds a secret.
//
// The secret does not travel. From it both sides derive the WireGuard key pair and pre-shared key of
// a guest peer: the introducer's device admits exactly who holds the token, with the pre-shared key
// keeping what is said secret from a quantum computer too, and a further key proves the holder
// inside that tunnel. The mesh's id is the hash of the root's key, so the joiner knows the root when
// it sees it.
//
//   phantom1 + base32( version 1 | flags 1 | mesh 32 | introducer 32 | secret 32 | expiry 8 | uses 1 |
//                      count 1 | count x (kind 1 | address 4 or 16, or size 2 and name | port 2) |
//                      carrier's port 2, where a flag says so | checksum 4 )

#include <string>
#include <variant>
#include <vector>

#include "crypto/noise.h"
#include "crypto/secret_bytes.h"
#include "identity/types.h"

namespace phantom::identity {

inline constexpr std::string_view kTokenPrefix = "phantom1";
inline constexpr std::size_t kTokenEndpointsMax = 4;
// RFC 1035 section 2.3.4, less the two bytes that the text form does not have.
inline constexpr std::size_t kHostNameSizeMax = 253;

// Where the introducer is: an address, or a name to look up.
struct TokenEndpoint {
    std::variant<wire::Address, std::string> host;
    std::uint16_t port = 0;

    friend bool operator==(const TokenEndpoint&, const TokenEndpoint&) = default;

    // "192.0.2.1:51820", "[2001:db8::1]:51820", "vpn.example.org:51820". kBadEndpoint.
    [[nodiscard]] static Result<TokenEndpoint> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;
};

// What follows from the secret; wiped.
struct GuestKeys {
    // Of the joiner's guest peer.
    crypto::PrivateKey private_key;
    crypto::PublicKey public_key{};
    crypto::Key preshared_key;
    // For a MAC, inside the guest tunnel, over what is asked for.
    crypto::Key proof_key;
};

struct JoinToken {
    MeshId mesh;
    // The introducer's WireGuard key.
    crypto::PublicKey introducer{};
    crypto::Key secret;
    UnixTime expiry;
    // How often it may be used, 1 to 255; the introducer counts.
    std::uint8_t uses = 1;
    // 1 to kTokenEndpointsMax, best first.
    std::vector<TokenEndpoint> endpoints;
    // TCP, at the same hosts: where UDP does not get through. 0: none.
    std::uint16_t carrier_port = 0;

    // kTooMany, kBadEndpoint, kMalformed (no uses or no endpoints).
    [[nodiscard]] Result<crypto::SecretBytes> text() const;
    // `text` without blanks around it. kNotAToken, kTokenAltered, kUnsupportedVersion, kMalformed,
    // kExpired.
    [[nodiscard]] static Result<JoinToken> parse(std::string_view text, UnixTime now);

    // Bound to the mesh and the introducer: a token altered in these opens nothing.
    [[nodiscard]] GuestKeys guest_keys() const;
    // What the introducer keeps of the secret, to know the token by.
    [[nodiscard]] crypto::Hash secret_hash() const;
};

}  // namespace phantom::identity
