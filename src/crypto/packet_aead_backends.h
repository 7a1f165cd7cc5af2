#pragma once

// The makers behind make_packet_aead(), one a file. Inside this component only.

#include <memory>

#include "crypto/packet_aead.h"

namespace phantom::crypto {

// Each is to be called only where its is_supported counterpart holds.
[[nodiscard]] std::unique_ptr<PacketAead> make_openssl_packet_aead();

[[nodiscard]] bool is_own_avx2_supported();
[[nodiscard]] std::unique_ptr<PacketAead> make_avx2_packet_aead();

enum class ImbLevel : std::uint8_t { kSse, kAvx2, kAvx512 };
[[nodiscard]] bool is_supported(ImbLevel level);
[[nodiscard]] std::unique_ptr<PacketAead> make_imb_packet_aead(ImbLevel level);

}  // namespace phantom::crypto
