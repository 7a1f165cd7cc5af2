#pragma once

// No cipher at all: the ceiling the data plane is measured against (`./dev bench tunnel`). It exists
// only in builds configured with PM_NULL_CIPHER, which is OFF unless a benchmark asks for it.

#ifdef PM_NULL_CIPHER

#include <memory>

#include "crypto/packet_aead.h"

namespace phantom::crypto {

// Sealing copies and appends a zero tag; opening copies, and every packet is authentic.
[[nodiscard]] std::unique_ptr<PacketAead> make_null_packet_aead();

}  // namespace phantom::crypto

#endif  // PM_NULL_CIPHER
