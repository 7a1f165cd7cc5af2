#include "wire/message.h"

#include <vector>

#include <gtest/gtest.h>

namespace phantom::wire {
namespace {

std::vector<std::uint8_t> message(std::uint8_t type, std::size_t size) {
    std::vector<std::uint8_t> bytes(size);
    if (size > 0) {
        bytes[0] = type;
    }
    return bytes;
}

TEST(Message, sizes_are_exact_for_handshakes_and_at_least_32_for_transport) {
    for (std::size_t size = 0; size < 300; ++size) {
        EXPECT_EQ(classify(message(1, size)).has_value(), size == 148) << size;
        EXPECT_EQ(classify(message(2, size)).has_value(), size == 92) << size;
        EXPECT_EQ(classify(message(3, size)).has_value(), size == 64) << size;
        EXPECT_EQ(classify(message(4, size)).has_value(), size >= 32) << size;
    }
}

TEST(Message, type_is_little_endian_with_three_zero_bytes) {
    for (std::size_t byte = 1; byte < 4; ++byte) {
        auto bytes = message(4, 64);
        bytes[byte] = 1;
        EXPECT_TRUE(classify(bytes).error().is(WireError::kBadMessageType));
    }
}

TEST(Message, unknown_types_are_refused) {
    for (unsigned type = 0; type < 256; ++type) {
        const bool known = type >= 1 && type <= 4;
        auto bytes = message(static_cast<std::uint8_t>(type), 148);
        if (!known) {
            EXPECT_TRUE(classify(bytes).error().is(WireError::kBadMessageType)) << type;
        }
    }
}

}  // namespace
}  // namespace phantom::wire
