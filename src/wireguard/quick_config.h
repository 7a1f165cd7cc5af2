#pragma once

// The file of wg-quick(8), for bringing its peers into a mesh node. Strict: what is not understood is
// an error with its line, so that nothing is left out unsaid. Pure.

#include <expected>
#include <string>

#include "wireguard/device.h"

namespace phantom::wireguard {

inline constexpr std::size_t kQuickConfigSizeMax = std::size_t{48} << 10U;
inline constexpr std::size_t kQuickPeersMax = 256;
// Of one peer.
inline constexpr std::size_t kQuickAllowedIpsMax = 1024;

struct InterfaceAddress {
    wire::Address address;
    std::uint8_t prefix_length = 0;

    friend bool operator==(const InterfaceAddress&, const InterfaceAddress&) = default;
};

struct QuickPeer {
    crypto::PublicKey public_key{};
    std::optional<crypto::Key> preshared_key;
    std::vector<wire::Prefix> allowed_ips;
    std::optional<wire::SocketAddress> endpoint;
    std::uint16_t persistent_keepalive_s = 0;
};

struct QuickConfig {
    std::vector<InterfaceAddress> addresses;
    std::vector<QuickPeer> peers;
    // What stands under [Interface] and has no place in a mesh node: "PrivateKey", "DNS"...
    std::vector<std::string> not_taken;
};

struct QuickError {
    std::size_t line;  // from 1
    std::string what;
};

// Keys and sections in any case, as wg has them; an Endpoint is a number, not a name.
[[nodiscard]] std::expected<QuickConfig, QuickError> parse_quick_config(std::string_view text);
// Parses to the same, but for `not_taken`. Holds the pre-shared keys.
[[nodiscard]] std::string format_quick_config(const QuickConfig& config);

}  // namespace phantom::wireguard
