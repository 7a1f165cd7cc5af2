#pragma once

// What rules ask of an X.509 certificate.

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace phantom::detect {

struct CertificateNames {
    std::string subject;  // "C=US, O=Example, CN=example.org"
    std::string issuer;
    std::string serial;       // "0A:1B:..."
    std::string fingerprint;  // SHA-1, "0a:1b:..."
    std::vector<std::string> alternatives;
};

// None where it is no certificate.
[[nodiscard]] std::optional<CertificateNames> read_certificate(ByteView der);

}  // namespace phantom::detect
