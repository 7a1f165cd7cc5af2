#pragma once

// OpenSSL as the API's server has it: TLS 1.3 alone, X25519MLKEM768 before X25519, HTTP/1.1.

#include <memory>

#include <openssl/ssl.h>

#include "api/certificate.h"
#include "crypto/openssl_objects.h"

namespace phantom::api {

using TlsContext = std::unique_ptr<SSL_CTX, crypto::Free<SSL_CTX_free>>;

// kTlsSetup, kCertificate, kCertificateKey.
[[nodiscard]] Result<TlsContext> make_tls_context(const Certificate& certificate);

}  // namespace phantom::api
