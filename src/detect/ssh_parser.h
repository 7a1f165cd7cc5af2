#pragma once

// SSH up to the encryption: the banners and the lists of algorithms, with the fingerprints of them.
//
// Source: RFC 4253 sections 4.2, 6 and 7.1; the fingerprint HASSH of 2018.

#include "detect/app_parser.h"

namespace phantom::detect {

inline constexpr std::size_t kSshBannerSizeMax = 8192;
inline constexpr std::size_t kSshPacketSizeMax = 35'000;

class SshParser final : public AppParser {
  public:
    SshParser() : transaction_(transactions_.begin()) {}

    void add(Direction direction, ByteView bytes) override;
    void skip(Direction direction, std::size_t size) override;
    void end(Direction direction) override;

  private:
    struct Half {
        std::vector<std::uint8_t> kept;
        bool has_banner = false;
        bool done = false;
    };
    [[nodiscard]] std::size_t banner(Direction direction);
    [[nodiscard]] std::size_t packet(Direction direction);
    void key_exchange(Direction direction, ByteView body);
    void finish(Direction direction);

    Transactions::Shared transaction_;
    std::array<Half, 2> halves_;
};

}  // namespace phantom::detect
