#pragma once

// DNS over UDP, and over TCP with a length in front. Each message is a transaction of its own.
//
// Source: RFC 1035 section 4.

#include "detect/app_parser.h"

namespace phantom::detect {

inline constexpr std::size_t kDnsRecordsMax = 64;
inline constexpr std::size_t kDnsNameSizeMax = 1025;

class DnsParser final : public AppParser {
  public:
    explicit DnsParser(bool over_udp) : over_udp_(over_udp) {}

    void add(Direction direction, ByteView bytes) override;
    void skip(Direction direction, std::size_t size) override;
    void end(Direction direction) override;

  private:
    void message(Direction direction, ByteView bytes);

    bool over_udp_;
    std::array<std::vector<std::uint8_t>, 2> kept_;
};

// Whether the bytes may be a message at all.
[[nodiscard]] bool looks_like_dns(ByteView message);

}  // namespace phantom::detect
