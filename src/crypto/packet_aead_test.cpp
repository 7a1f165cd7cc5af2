#include "crypto/packet_aead.h"

#include <gtest/gtest.h>

namespace phantom::crypto {
namespace {

TEST(PacketAead, every_available_backend_passes_its_self_test) {
    for (const AeadBackend backend : available_aead_backends()) {
        EXPECT_TRUE(make_packet_aead(backend).has_value()) << name_of(backend);
    }
}

}  // namespace
}  // namespace phantom::crypto
