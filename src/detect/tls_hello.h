#pragma once

// What the two hellos of TLS say, and the fingerprints made of it.
//
// Source: RFC 8446 section 4.1, RFC 5246 section 7.4.1; the fingerprint JA3 of 2017.

#include <string>
#include <vector>

#include "base/bytes.h"

namespace phantom::detect {

struct TlsHello {
    std::uint16_t version = 0;
    std::string server_name;
    std::vector<std::string> protocols;  // ALPN
    std::string ja3;
};

// `body` is the message's, behind type and length.
[[nodiscard]] TlsHello read_client_hello(ByteView body);
[[nodiscard]] TlsHello read_server_hello(ByteView body);

}  // namespace phantom::detect
