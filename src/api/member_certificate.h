#pragma once

// Mutual TLS between nodes: a client certificate whose Ed25519 key is the signing key of a member. TLS 1.3 proves that who
// connects has the key, with a text of its own in what is signed (RFC 8446 section 4.4.3: "TLS 1.3, client
// CertificateVerify"), so that nothing else that the key has signed can be used here, nor this anywhere else. Whether a
// key is a member's is asked for each request (members.h): nothing that stands in the certificate beside it counts.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include <openssl/ssl.h>

#include "api/errors.h"
#include "api/members.h"
#include "api/tls.h"
#include "base/clock.h"

namespace phantom::api {

// What somebody sends as certificates, whoever he is.
inline constexpr long kClientCertificatesSizeMax = 8L << 10U;

// Who connects may show a certificate. Of whom one is wished is said, so that browsers do not offer others.
[[nodiscard]] bool ask_for_member_certificates(SSL_CTX* context);

// The key that the other end has proved to have; none: it has shown no certificate, or one with a key of another kind.
[[nodiscard]] std::optional<MemberKey> member_key_of(const SSL* stream);

// For who connects. `seed`: of the signing key's Ed25519 half (RFC 8032). The other end's certificate is not looked at:
// who calls knows whom he reaches by the tunnel. kTlsSetup.
[[nodiscard]] Result<TlsContext> make_member_context(
    std::span<const std::uint8_t, kMemberKeySize> seed, WallTime now
);

}  // namespace phantom::api
