#pragma once

// The certificate that a node's API shows: made here, signed by itself, for the names under which the node is called.
// The owner may put another in its place. PEM in and out; whoever calls keeps the files. Any thread.

#include <string>
#include <string_view>
#include <vector>

#include "api/browser.h"
#include "api/errors.h"
#include "base/clock.h"
#include "base/random.h"
#include "crypto/secret_bytes.h"

namespace phantom::api {

// As browsers take at most of those that they are told to trust.
inline constexpr Duration kCertificateLifetime = std::chrono::hours(24 * 397);
// One of ours is made anew that long before it ends.
inline constexpr Duration kCertificateMargin = std::chrono::hours(24 * 30);
inline constexpr std::size_t kPemSizeMax = std::size_t{64} << 10U;

struct Certificate {
    std::string chain;        // PEM, its own first
    crypto::SecretBytes key;  // PEM
};

struct CertificateWish {
    std::vector<std::string> names;
    std::vector<std::string> addresses;
};
// P-256 and ECDSA, which every client knows; the key agreement is what has to outlast quantum computers. kTlsSetup.
[[nodiscard]] Result<Certificate> make_certificate(
    const CertificateWish& wish, WallTime now, Random& random
);

struct CertificateFacts {
    WallTime ends;
    bool is_own = false;             // as make_certificate() makes them
    std::string fingerprint;         // SHA-256, hexadecimal
    std::vector<std::string> names;  // of DNS, in lower case; kHostNamesMax at most
};
// kCertificate; kCertificateKey where the key is none, or another's.
[[nodiscard]] Result<CertificateFacts> inspect(const Certificate& certificate);

}  // namespace phantom::api
