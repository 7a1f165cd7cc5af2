#pragma once

// Every use of a key or a hash in this component, by name: two uses never share one. The number is
// raised when what is hashed or signed under it changes its form.

#include <array>
#include <string_view>

#include "base/bytes.h"

namespace phantom::identity {

inline constexpr std::string_view kMeshIdLabel = "phantom mesh id 1";
inline constexpr std::string_view kNodeIdLabel = "phantom node id 1";
inline constexpr std::string_view kDescriptorLabel = "phantom descriptor 1";
inline constexpr std::string_view kCertificateLabel = "phantom certificate 1";
inline constexpr std::string_view kRevocationLabel = "phantom revocation 1";
inline constexpr std::string_view kPolicyLabel = "phantom policy 1";
inline constexpr std::string_view kRenewalLabel = "phantom renewal 1";
inline constexpr std::string_view kTokenChecksumLabel = "phantom token checksum 1";
inline constexpr std::string_view kRootShareChecksumLabel = "phantom root share checksum 1";
inline constexpr std::string_view kTokenSecretHashLabel = "phantom token secret hash 1";
inline constexpr std::string_view kGuestPrivateKeyLabel = "phantom token guest private key 1";
inline constexpr std::string_view kGuestPresharedKeyLabel = "phantom token guest preshared key 1";
inline constexpr std::string_view kTokenProofKeyLabel = "phantom token proof key 1";
inline constexpr std::string_view kBeaconLabel = "phantom lan beacons 1";
inline constexpr std::string_view kStateFileLabel = "phantom state file 1";

[[nodiscard]] inline ByteView bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// BLAKE2s-256 of label || 0x00 || a || b. At most one of `a` and `b` may have a size that is not
// known from what stands before it.
[[nodiscard]] std::array<std::uint8_t, 32> labelled_hash(
    std::string_view label, ByteView a, ByteView b = {}
);

}  // namespace phantom::identity
