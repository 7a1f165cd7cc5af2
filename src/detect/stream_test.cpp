#include "detect/stream.h"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "detect/detect_fixture.h"

namespace phantom::detect {
namespace {

// Sequence numbers wrap in the middle.
constexpr std::uint32_t kFirst = 0xffff'fff8;

std::string text_of(const StreamSide& stream) {
    const ByteView bytes = stream.view(0, stream.in_order());
    return {bytes.begin(), bytes.end()};
}

TEST(Stream, is_the_same_in_whatever_order_and_parts_it_comes) {
    rc::check([] {
        const auto text = *rc::gen::container<std::string>(rc::gen::inRange('a', 'z'));
        StreamSide stream;
        stream.begin(kFirst);
        // Overlapping parts, shuffled, and in the end all of it once more in order.
        const auto begins = *rc::gen::container<std::vector<std::size_t>>(
            rc::gen::inRange<std::size_t>(0, text.size() + 1)
        );
        for (const std::size_t begin : begins) {
            const Bytes part = bytes_of(std::string_view(text).substr(begin, 5));
            stream.add(kFirst + static_cast<std::uint32_t>(begin), part);
        }
        for (std::size_t at = 0; at < text.size(); at += 3) {
            const Bytes part = bytes_of(std::string_view(text).substr(at, 3));
            stream.add(kFirst + static_cast<std::uint32_t>(at), part);
        }
        RC_ASSERT(text_of(stream) == text);
        RC_ASSERT(!stream.has_early());
    });
}

TEST(Stream, keeps_what_came_first) {
    StreamSide stream;
    stream.begin(kFirst);
    EXPECT_TRUE(stream.add(kFirst + 2, bytes_of("CD")));
    EXPECT_TRUE(stream.add(kFirst, bytes_of("abcdef")));
    EXPECT_EQ(text_of(stream), "abCDef");
    EXPECT_FALSE(stream.add(kFirst, bytes_of("xxxxxx")));
    EXPECT_EQ(text_of(stream), "abCDef");
}

TEST(Stream, goes_over_a_gap_when_told) {
    StreamSide stream;
    stream.begin(kFirst);
    stream.add(kFirst, bytes_of("ab"));
    stream.add(kFirst + 4, bytes_of("ef"));
    EXPECT_EQ(stream.in_order(), 2U);
    EXPECT_EQ(stream.skip_gap(), 2U);
    EXPECT_TRUE(stream.had_gap());
    EXPECT_EQ(stream.in_order(), 6U);
    EXPECT_EQ(stream.view(0, 6).size(), 2U);
}

TEST(Stream, has_bounds) {
    StreamSide stream;
    stream.begin(0);
    const Bytes part(1000, 'x');
    for (std::uint32_t at = 10; at < 2'000'000; at += 1000) {
        stream.add(at, part);
    }
    EXPECT_EQ(stream.in_order(), 0U);
    EXPECT_LE(stream.held(), kStreamEarlyBytesMax);
    EXPECT_LE(stream.highest(), kStreamDepthMax);
    for (std::uint32_t at = 0; at < 2'000'000; at += 1000) {
        stream.add(at, part);
        stream.forget_before(stream.in_order());
    }
    EXPECT_EQ(stream.in_order(), kStreamDepthMax);
}

}  // namespace
}  // namespace phantom::detect
