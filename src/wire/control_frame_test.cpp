#include "wire/control_frame.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace phantom::wire {
namespace {

std::vector<std::uint8_t> frame(std::size_t payload_size, std::size_t padding) {
    std::vector<std::uint8_t> bytes(kControlHeaderSize + payload_size + padding, 0x5a);
    write_control_header(ControlKind::kPostQuantum, payload_size, bytes.data());
    return bytes;
}

TEST(ControlFrame, payload_ends_where_the_header_says_and_not_with_the_padding) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kControlPayloadSizeMax}) {
        const auto bytes = frame(size, 15);
        const auto parsed = parse_control_frame(bytes);
        ASSERT_TRUE(parsed);
        EXPECT_EQ(parsed->kind, ControlKind::kPostQuantum);
        EXPECT_EQ(parsed->payload.size(), size);
    }
}

TEST(ControlFrame, anything_else_is_none) {
    EXPECT_FALSE(parse_control_frame({}));
    const auto good = frame(10, 0);
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(parse_control_frame(ByteView(good).first(size))) << size << " bytes of it";
    }
    auto changed = good;
    changed[0] = 0x45;
    EXPECT_FALSE(parse_control_frame(changed)) << "an IP packet";
    changed = good;
    changed[1] = 0;
    EXPECT_FALSE(parse_control_frame(changed)) << "no such kind";
    EXPECT_FALSE(parse_control_frame(frame(kControlPayloadSizeMax + 1, 0))) << "too large";
}

}  // namespace
}  // namespace phantom::wire
