#include "wire/ip.h"

#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "wire/checksum.h"

namespace phantom::wire {
namespace {

std::vector<std::uint8_t> ipv4(std::size_t total, std::size_t room) {
    std::vector<std::uint8_t> packet(room);
    packet[0] = 0x45;
    store_be<std::uint16_t>(&packet[2], static_cast<std::uint16_t>(total));
    packet[9] = kProtocolUdp;
    packet[15] = 1;
    packet[19] = 2;
    return packet;
}

TEST(Ip, trims_to_the_length_the_header_says) {
    const auto ip = parse_ip(ipv4(40, 48));
    ASSERT_TRUE(ip);
    EXPECT_EQ(ip->total_size, 40U);
    EXPECT_EQ(ip->source.to_string(), "0.0.0.1");
    EXPECT_EQ(ip->destination.to_string(), "0.0.0.2");
}

TEST(Ip, refuses_dishonest_length) {
    EXPECT_TRUE(parse_ip(ipv4(49, 48)).error().is(WireError::kBadTotalLength));
    EXPECT_TRUE(parse_ip(ipv4(19, 48)).error().is(WireError::kBadHeaderLength));
    auto packet = ipv4(40, 48);
    packet[0] = 0x44;
    EXPECT_TRUE(parse_ip(packet).error().is(WireError::kBadHeaderLength));
    packet[0] = 0x4f;
    EXPECT_TRUE(parse_ip(packet).error().is(WireError::kBadHeaderLength));
    std::vector<std::uint8_t> six(40);
    six[0] = 0x60;
    six[5] = 1;
    EXPECT_TRUE(parse_ip(six).error().is(WireError::kBadTotalLength));
}

TEST(Ip, refuses_other_versions_and_short_packets) {
    EXPECT_TRUE(parse_ip({}).error().is(WireError::kTooShort));
    for (unsigned version = 0; version < 16; ++version) {
        std::vector<std::uint8_t> packet(60);
        packet[0] = static_cast<std::uint8_t>(version << 4U | 5U);
        packet[3] = 60;
        EXPECT_EQ(parse_ip(packet).has_value(), version == 4 || version == 6) << version;
    }
    EXPECT_FALSE(parse_ip(std::vector<std::uint8_t>(19, 0x45)));
    EXPECT_FALSE(parse_ip(std::vector<std::uint8_t>(39, 0x60)));
}

TEST(Ip, congestion_marks_ecn_capable_packets_and_mends_their_checksum) {
    auto packet = ipv4(40, 40);
    packet[1] = 0x02;
    mark_congestion(packet);
    EXPECT_EQ(packet[1] & 3, 3);
    EXPECT_EQ(checksum_fold(checksum_add(ByteView(packet).first(20))), 0xffff);
    std::vector<std::uint8_t> six(40);
    six[0] = 0x60;
    six[1] = 0x10;
    mark_congestion(six);
    EXPECT_EQ(parse_ip(six)->ecn, Ecn::kCe);
}

TEST(Ip, congestion_leaves_packets_that_are_not_ecn_capable) {
    auto packet = ipv4(40, 40);
    const auto before = packet;
    mark_congestion(packet);
    EXPECT_EQ(packet, before);
}

// RFC 1071 section 3's example.
TEST(Checksum, of_the_standards_example) {
    const std::array<std::uint8_t, 8> data{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    std::uint8_t stored[2];
    store_le<std::uint16_t>(stored, checksum_fold(checksum_add(data)));
    EXPECT_EQ(load_be<std::uint16_t>(stored), 0xddf2);
}

TEST(Checksum, agrees_with_one_word_at_a_time_for_every_size_and_alignment) {
    SeededRandom random(1);
    std::vector<std::uint8_t> data(400);
    random.fill(data);
    for (std::size_t start = 0; start < 8; ++start) {
        for (std::size_t size = 0; size + start <= data.size(); ++size) {
            std::uint64_t slow = 0;
            for (std::size_t at = 0; at < size; at += 2) {
                const std::uint8_t low = data[start + at];
                const std::uint8_t high = at + 1 < size ? data[start + at + 1] : 0;
                slow += static_cast<std::uint64_t>(low | high << 8U);
            }
            const auto fast = checksum_add(ByteView(data).subspan(start, size));
            ASSERT_EQ(checksum_fold(fast) % 0xffff, slow % 0xffff) << start << " " << size;
        }
    }
}

TEST(Checksum, folds_the_largest_sum_without_losing_a_carry) {
    EXPECT_EQ(checksum_fold(UINT64_MAX), 0xffff);
    const std::vector<std::uint8_t> ones(65'535, 0xff);
    EXPECT_EQ(checksum_fold(checksum_add(ones)) % 0xffff, 0x00ff % 0xffff);
}

}  // namespace
}  // namespace phantom::wire
