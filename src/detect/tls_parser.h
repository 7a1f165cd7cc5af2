#pragma once

// TLS as far as it is not encrypted: the hellos, and the certificates up to TLS 1.2. One connection
// is one transaction.
//
// Source: RFC 8446 sections 4 and 5, RFC 5246 section 7.4.2.

#include "detect/app_parser.h"

namespace phantom::detect {

inline constexpr std::size_t kTlsHandshakeSizeMax = 131'072;
inline constexpr std::size_t kTlsCertificatesMax = 16;

class TlsParser final : public AppParser {
  public:
    TlsParser() : transaction_(transactions_.begin()) {}

    void add(Direction direction, ByteView bytes) override;
    void skip(Direction direction, std::size_t size) override;
    void end(Direction direction) override;

  private:
    struct Half {
        std::vector<std::uint8_t> records;    // not used yet
        std::vector<std::uint8_t> handshake;  // messages not complete yet
        bool done = false;
    };
    void record(Direction direction, std::uint8_t type, ByteView body);
    void handshake(Direction direction, std::uint8_t type, ByteView body);
    void client_hello(ByteView body);
    void server_hello(ByteView body);
    void certificates(Direction direction, ByteView body);
    void finish(Direction direction);

    Transactions::Shared transaction_;
    std::array<Half, 2> halves_;
};

[[nodiscard]] bool looks_like_tls(ByteView bytes);

}  // namespace phantom::detect
