#include "detect/capture.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "detect/detect_fixture.h"

namespace phantom::detect {
namespace {

CaptureReader::Source source_of(Bytes bytes) {
    return [bytes = std::move(bytes), at = std::size_t{0}](MutableBytes to) mutable {
        const std::size_t size = std::min(to.size(), bytes.size() - at);
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), size, to.begin());
        at += size;
        return size;
    };
}

void append_le(Bytes& to, std::uint32_t value) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
        to.push_back(static_cast<std::uint8_t>(value >> shift));
    }
}

Bytes pcap(std::uint32_t magic, std::uint32_t size, std::size_t there) {
    Bytes bytes;
    for (const std::uint32_t word : {magic, 0x00040002U, 0U, 0U, 262'144U, 101U}) {
        append_le(bytes, word);
    }
    for (const std::uint32_t word : {17U, 5000U, size, size}) {
        append_le(bytes, word);
    }
    bytes.resize(bytes.size() + there, 0x45);
    return bytes;
}

TEST(Capture, reads_time_link_type_and_bytes) {
    auto capture = CaptureReader::open(source_of(pcap(0xa1b2c3d4, 3, 3)));
    ASSERT_TRUE(capture);
    const auto packet = capture->next();
    ASSERT_TRUE(packet && *packet);
    EXPECT_EQ((*packet)->time_us, 17'005'000U);
    EXPECT_EQ((*packet)->link_type, kLinkRaw);
    EXPECT_EQ((*packet)->bytes.size(), 3U);
    const auto after = capture->next();
    EXPECT_TRUE(after && !*after);
}

TEST(Capture, reads_nanoseconds) {
    auto capture = CaptureReader::open(source_of(pcap(0xa1b23c4d, 3, 3)));
    ASSERT_TRUE(capture);
    EXPECT_EQ((*capture->next())->time_us, 17'000'005U);
}

TEST(Capture, reads_the_other_byte_order) {
    Bytes bytes;
    for (const std::uint32_t word :
         {0xa1b2c3d4U, 0x00020004U, 0U, 0U, 262'144U, 1U, 17U, 5U, 2U, 2U}) {
        append_u32(bytes, word);
    }
    bytes.insert(bytes.end(), {1, 2});
    auto capture = CaptureReader::open(source_of(bytes));
    ASSERT_TRUE(capture);
    EXPECT_EQ((*capture->next())->bytes.size(), 2U);
}

TEST(Capture, says_where_it_was_cut) {
    auto capture = CaptureReader::open(source_of(pcap(0xa1b2c3d4, 3, 2)));
    ASSERT_TRUE(capture);
    const auto packet = capture->next();
    ASSERT_FALSE(packet);
    EXPECT_TRUE(packet.error().is(DetectError::kCaptureCut));
    EXPECT_EQ(packet.error().detail(), 24U);
}

TEST(Capture, refuses_a_record_longer_than_any_packet) {
    auto capture = CaptureReader::open(source_of(pcap(0xa1b2c3d4, 0x7fff'ffff, 64)));
    ASSERT_TRUE(capture);
    EXPECT_TRUE(capture->next().error().is(DetectError::kBadRecordLength));
}

TEST(Capture, refuses_what_is_none) {
    for (const char* text : {"", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"}) {
        EXPECT_TRUE(
            CaptureReader::open(source_of(bytes_of(text))).error().is(DetectError::kNotACapture)
        );
    }
}

Bytes block(std::uint32_t type, const std::vector<std::uint32_t>& words) {
    Bytes bytes;
    const auto size = static_cast<std::uint32_t>(12 + words.size() * 4);
    append_le(bytes, type);
    append_le(bytes, size);
    for (const std::uint32_t word : words) {
        append_le(bytes, word);
    }
    append_le(bytes, size);
    return bytes;
}

Bytes pcapng(const std::vector<Bytes>& blocks) {
    Bytes bytes;
    for (const Bytes& each : blocks) {
        bytes.insert(bytes.end(), each.begin(), each.end());
    }
    return bytes;
}

const std::vector<std::uint32_t> kSection{0x1a2b3c4d, 1, 0xffff'ffff, 0xffff'ffff};
// Link type 101; if_tsresol (9), one byte: 10^-3.
const std::vector<std::uint32_t> kInterface{101, 0, 0x00010009, 3, 0};

TEST(Capture, reads_pcapng_with_its_own_clock_resolution) {
    auto capture = CaptureReader::open(source_of(pcapng(
        {block(0x0a0d0d0a, kSection), block(1, kInterface), block(99, {7}),
         block(6, {0, 0, 17'005, 3, 3, 0x00454545})}
    )));
    ASSERT_TRUE(capture);
    const auto packet = capture->next();
    ASSERT_TRUE(packet && *packet);
    EXPECT_EQ((*packet)->time_us, 17'005'000U);
    EXPECT_EQ((*packet)->bytes.size(), 3U);
    EXPECT_FALSE(*capture->next());
}

TEST(Capture, passes_over_a_packet_of_no_interface_and_finds_a_new_section) {
    auto capture = CaptureReader::open(source_of(pcapng(
        {block(0x0a0d0d0a, kSection), block(6, {4, 0, 0, 3, 3, 0}), block(0x0a0d0d0a, kSection),
         block(1, kInterface), block(3, {2, 0x4545})}
    )));
    ASSERT_TRUE(capture);
    const auto packet = capture->next();
    ASSERT_TRUE(packet && *packet);
    EXPECT_EQ((*packet)->bytes.size(), 2U);
}

TEST(Capture, refuses_a_block_of_an_impossible_length) {
    Bytes wrong = block(6, {0, 0, 0, 3, 3, 0});
    wrong[4] = 3;
    auto capture = CaptureReader::open(source_of(pcapng({block(0x0a0d0d0a, kSection), wrong})));
    ASSERT_TRUE(capture);
    EXPECT_TRUE(capture->next().error().is(DetectError::kBadBlockLength));
}

}  // namespace
}  // namespace phantom::detect
