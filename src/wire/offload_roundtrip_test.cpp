// Segmentation and coalescing are inverses: what one cuts the other puts together again, to the
// byte, and every segment is a packet any host would accept.

#include <algorithm>
#include <cstring>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "wire/checksum.h"
#include "wire/coalescing.h"
#include "wire/segmentation.h"

namespace phantom::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

struct SuperPacket {
    VnetHeader offload;
    Bytes bytes;
};

struct Shape {
    bool ipv6 = false;
    bool tcp = true;
    std::size_t payload_size = 5000;
    std::uint16_t gso_size = 1368;
    std::size_t tcp_options_size = 12;
    std::uint8_t tcp_flags = 0x18;  // PSH, ACK
};

// As the kernel hands one out: lengths of the whole, checksum field = pseudo-header sum.
SuperPacket make_super(const Shape& shape, Random& random) {
    const std::size_t ip_size = shape.ipv6 ? kIpv6HeaderSize : kIpv4HeaderSize;
    const std::size_t transport_header = shape.tcp ? 20 + shape.tcp_options_size : 8;
    SuperPacket super;
    super.bytes.resize(ip_size + transport_header + shape.payload_size);
    random.fill(super.bytes);
    std::uint8_t* ip = super.bytes.data();
    const std::size_t transport_size = super.bytes.size() - ip_size;
    const std::uint8_t protocol = shape.tcp ? kProtocolTcp : kProtocolUdp;
    if (shape.ipv6) {
        ip[0] = 0x60;
        store_be<std::uint16_t>(ip + 4, static_cast<std::uint16_t>(transport_size));
        ip[6] = protocol;
    } else {
        ip[0] = 0x45;
        store_be<std::uint16_t>(ip + 2, static_cast<std::uint16_t>(super.bytes.size()));
        store_be<std::uint16_t>(ip + 6, 0x4000);
        ip[9] = protocol;
        store_le<std::uint16_t>(ip + 10, 0);
        const auto sum = checksum_fold(checksum_add({ip, ip_size}));
        store_le<std::uint16_t>(ip + 10, static_cast<std::uint16_t>(~sum));
    }
    std::uint8_t* transport = ip + ip_size;
    std::size_t checksum_offset = 6;
    if (shape.tcp) {
        checksum_offset = 16;
        transport[12] = static_cast<std::uint8_t>(transport_header / 4 << 4U);
        transport[13] = shape.tcp_flags;
    } else {
        store_be<std::uint16_t>(transport + 4, static_cast<std::uint16_t>(transport_size));
    }
    const ByteView addresses = shape.ipv6 ? ByteView{ip + 8, 32} : ByteView{ip + 12, 8};
    const auto pseudo = checksum_fold(pseudo_header_sum(addresses, protocol, transport_size));
    store_le<std::uint16_t>(transport + checksum_offset, pseudo);
    super.offload.flags = kVnetNeedsChecksum;
    super.offload.gso_type = static_cast<std::uint8_t>(
        !shape.tcp ? GsoType::kUdpL4 : (shape.ipv6 ? GsoType::kTcpV6 : GsoType::kTcpV4)
    );
    super.offload.header_size = static_cast<std::uint16_t>(ip_size + transport_header);
    super.offload.gso_size = shape.gso_size;
    super.offload.checksum_start = static_cast<std::uint16_t>(ip_size);
    super.offload.checksum_offset = static_cast<std::uint16_t>(checksum_offset);
    return super;
}

std::vector<Bytes> cut(const SuperPacket& super) {
    const auto plan = SegmentPlan::make(super.offload, super.bytes);
    EXPECT_TRUE(plan);
    std::vector<Bytes> segments;
    for (std::size_t index = 0; plan && index < plan->count(); ++index) {
        const ByteView payload =
            ByteView(super.bytes).subspan(plan->payload_offset(index), plan->payload_size(index));
        Bytes segment(plan->header_size() + payload.size());
        plan->write_header(index, payload, segment.data());
        std::ranges::copy(
            payload, segment.begin() + static_cast<std::ptrdiff_t>(plan->header_size())
        );
        segments.push_back(std::move(segment));
    }
    return segments;
}

SuperPacket merge(std::vector<Bytes>& segments) {
    SuperPacket merged;
    std::optional<MergeRun> run;
    Bytes tail;
    for (Bytes& segment : segments) {
        const auto candidate = merge_candidate(segment.data(), *parse_ip(segment));
        EXPECT_TRUE(candidate && candidate->mergeable);
        if (!run) {
            run.emplace(*candidate);
            continue;
        }
        EXPECT_TRUE(run->same_flow(*candidate));
        EXPECT_TRUE(run->append(*candidate));
        tail.insert(tail.end(), segment.begin() + candidate->header_size, segment.end());
    }
    merged.offload = run->finish();
    merged.bytes = segments.front();
    merged.bytes.insert(merged.bytes.end(), tail.begin(), tail.end());
    return merged;
}

Shape random_shape(Random& random) {
    Shape shape;
    shape.ipv6 = random.below(2) == 1;
    shape.tcp = random.below(2) == 1;
    shape.gso_size = static_cast<std::uint16_t>(1 + random.below(1400));
    const std::size_t segments = 2 + random.below(40);
    shape.payload_size = (segments - 1) * shape.gso_size + 1 + random.below(shape.gso_size);
    shape.tcp_options_size = random.below(4) * 4;
    shape.tcp_flags = random.below(2) == 1 ? 0x18 : 0x10;
    return shape;
}

TEST(Offload, merging_the_segments_gives_the_super_packet_back) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        SeededRandom random(seed);
        const SuperPacket super = make_super(random_shape(random), random);
        auto segments = cut(super);
        const SuperPacket merged = merge(segments);
        ASSERT_EQ(merged.bytes, super.bytes) << "seed " << seed;
        ASSERT_EQ(std::memcmp(&merged.offload, &super.offload, sizeof(VnetHeader)), 0);
    }
}

TEST(Offload, segments_carry_correct_lengths_sequence_numbers_and_flags) {
    SeededRandom random(7);
    const SuperPacket super =
        make_super({.payload_size = 3000, .gso_size = 1000, .tcp_flags = 0x19}, random);
    const auto segments = cut(super);
    ASSERT_EQ(segments.size(), 3U);
    const auto first_sequence = load_be<std::uint32_t>(&super.bytes[24]);
    for (std::size_t index = 0; index < segments.size(); ++index) {
        const Bytes& segment = segments[index];
        EXPECT_EQ(load_be<std::uint16_t>(&segment[2]), segment.size());
        EXPECT_EQ(load_be<std::uint32_t>(&segment[24]), first_sequence + index * 1000);
        EXPECT_EQ(segment[33], index == 2 ? 0x19 : 0x10) << "FIN and PSH only on the last";
    }
}

TEST(Offload, congestion_window_reduced_stays_on_the_first_segment_only) {
    SeededRandom random(8);
    const auto segments =
        cut(make_super({.payload_size = 3000, .gso_size = 1000, .tcp_flags = 0x90}, random));
    ASSERT_EQ(segments.size(), 3U);
    EXPECT_EQ(segments[0][33], 0x90);
    EXPECT_EQ(segments[1][33], 0x10);
}

TEST(Offload, refuses_offload_headers_that_contradict_the_packet) {
    SeededRandom random(1);
    const SuperPacket good = make_super({}, random);
    ASSERT_TRUE(SegmentPlan::make(good.offload, good.bytes));
    const auto refused = [&](auto change) {
        SuperPacket bad = good;
        change(bad);
        return !SegmentPlan::make(bad.offload, bad.bytes);
    };
    EXPECT_TRUE(refused([](SuperPacket& p) { p.offload.gso_size = 0; }));
    EXPECT_TRUE(refused([](SuperPacket& p) { p.offload.flags = 0; }));
    EXPECT_TRUE(refused([](SuperPacket& p) { p.offload.gso_type = 9; }));
    EXPECT_TRUE(refused([](SuperPacket& p) { p.offload.gso_type = 4; }));  // TCPv6 on IPv4
    EXPECT_TRUE(refused([](SuperPacket& p) { p.offload.checksum_start = 19; }));
    EXPECT_TRUE(refused([](SuperPacket& p) { p.offload.checksum_start = 65'000; }));
    EXPECT_TRUE(refused([](SuperPacket& p) { p.bytes[32] = 0x40; }));  // TCP header of 16 bytes
    EXPECT_TRUE(refused([](SuperPacket& p) { p.bytes.resize(52); }));
    EXPECT_TRUE(refused([](SuperPacket& p) { p.bytes.clear(); }));
}

TEST(Offload, ignores_the_header_size_hint_that_is_wrong_on_forwarded_packets) {
    SeededRandom random(2);
    SuperPacket super = make_super({}, random);
    super.offload.header_size = 1420;
    const auto plan = SegmentPlan::make(super.offload, super.bytes);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->header_size(), 52U);
}

class MergeRules : public testing::Test {
  protected:
    void SetUp() override {
        SeededRandom random(3);
        segments_ =
            cut(make_super({.payload_size = 3000, .gso_size = 1000, .tcp_flags = 0x10}, random));
    }
    // Changes the second segment, mends its checksums, and tries to append it.
    bool appends_after(const std::function<void(Bytes&)>& change) {
        auto first = segments_[0];
        auto second = segments_[1];
        change(second);
        mend(second);
        const auto a = merge_candidate(first.data(), *parse_ip(first));
        const auto b = merge_candidate(second.data(), *parse_ip(second));
        MergeRun run(*a);
        return b && run.same_flow(*b) && run.append(*b);
    }
    static void mend(Bytes& packet) {
        store_le<std::uint16_t>(&packet[10], 0);
        const auto ip = checksum_fold(checksum_add(ByteView(packet).first(20)));
        store_le<std::uint16_t>(&packet[10], static_cast<std::uint16_t>(~ip));
        store_le<std::uint16_t>(&packet[36], 0);
        const ByteView transport = ByteView(packet).subspan(20);
        const auto sum = checksum_fold(checksum_add(
            transport,
            pseudo_header_sum(ByteView(packet).subspan(12, 8), kProtocolTcp, transport.size())
        ));
        store_le<std::uint16_t>(&packet[36], static_cast<std::uint16_t>(~sum));
    }
    std::vector<Bytes> segments_;
};

TEST_F(MergeRules, appends_the_next_segment_of_the_flow) {
    EXPECT_TRUE(appends_after([](Bytes&) {}));
}

TEST_F(MergeRules, keeps_apart_what_differs_in_any_field_a_host_could_see) {
    EXPECT_FALSE(appends_after([](Bytes& p) { p[1] = 0x08; })) << "TOS";
    EXPECT_FALSE(appends_after([](Bytes& p) { p[8] ^= 1; })) << "TTL";
    EXPECT_FALSE(appends_after([](Bytes& p) { p[6] = 0; })) << "DF";
    EXPECT_FALSE(appends_after([](Bytes& p) { p[12] ^= 1; })) << "source";
    EXPECT_FALSE(appends_after([](Bytes& p) { p[21] ^= 1; })) << "port";
    EXPECT_FALSE(appends_after([](Bytes& p) { p[27] ^= 1; })) << "sequence number";
    EXPECT_FALSE(appends_after([](Bytes& p) { p[31] ^= 1; })) << "acknowledgement";
    EXPECT_FALSE(appends_after([](Bytes& p) { p[35] ^= 1; })) << "window";
    EXPECT_FALSE(appends_after([](Bytes& p) { p[45] ^= 1; })) << "options";
    EXPECT_FALSE(appends_after([](Bytes& p) { p[33] = 0x11; })) << "FIN";
    EXPECT_FALSE(appends_after([](Bytes& p) { p[33] = 0x50; })) << "ECE";
}

TEST_F(MergeRules, never_merges_a_packet_whose_checksum_is_wrong) {
    auto packet = segments_[1];
    packet.back() ^= 1;
    const auto candidate = merge_candidate(packet.data(), *parse_ip(packet));
    ASSERT_TRUE(candidate);
    EXPECT_FALSE(candidate->mergeable);
}

TEST_F(MergeRules, pushed_segment_ends_the_run) {
    auto first = segments_[0];
    first[33] = 0x18;
    mend(first);
    MergeRun run(*merge_candidate(first.data(), *parse_ip(first)));
    EXPECT_FALSE(run.append(*merge_candidate(segments_[1].data(), *parse_ip(segments_[1]))));
}

TEST_F(MergeRules, shorter_segment_ends_the_run) {
    SeededRandom random(4);
    auto segments =
        cut(make_super({.payload_size = 2500, .gso_size = 1000, .tcp_flags = 0x10}, random));
    MergeRun run(*merge_candidate(segments[0].data(), *parse_ip(segments[0])));
    EXPECT_TRUE(run.append(*merge_candidate(segments[1].data(), *parse_ip(segments[1]))));
    const auto tail = merge_candidate(segments[2].data(), *parse_ip(segments[2]));
    EXPECT_TRUE(run.append(*tail));
    EXPECT_FALSE(run.append(*tail));
}

TEST_F(MergeRules, total_never_exceeds_an_ip_packet) {
    SeededRandom random(5);
    auto segments =
        cut(make_super({.payload_size = 64'000, .gso_size = 32'000, .tcp_flags = 0x10}, random));
    auto third = segments[1];
    store_be<std::uint32_t>(&third[24], load_be<std::uint32_t>(&third[24]) + 32'000);
    mend(third);
    MergeRun run(*merge_candidate(segments[0].data(), *parse_ip(segments[0])));
    EXPECT_TRUE(run.append(*merge_candidate(segments[1].data(), *parse_ip(segments[1]))));
    EXPECT_FALSE(run.append(*merge_candidate(third.data(), *parse_ip(third))));
}

TEST_F(MergeRules, fragments_and_options_are_of_no_flow) {
    auto fragment = segments_[0];
    fragment[6] = 0x20;
    EXPECT_FALSE(merge_candidate(fragment.data(), *parse_ip(fragment)));
    auto icmp = segments_[0];
    icmp[9] = 1;
    EXPECT_FALSE(merge_candidate(icmp.data(), *parse_ip(icmp)));
}

TEST(FinishChecksum, completes_what_the_kernel_left_open) {
    SeededRandom random(6);
    SuperPacket packet = make_super({.tcp = false, .payload_size = 99}, random);
    ASSERT_TRUE(finish_checksum(packet.offload, *parse_ip(packet.bytes), packet.bytes));
    const ByteView transport = ByteView(packet.bytes).subspan(20);
    const auto pseudo =
        pseudo_header_sum(ByteView(packet.bytes).subspan(12, 8), kProtocolUdp, transport.size());
    EXPECT_EQ(checksum_fold(checksum_add(transport, pseudo)), 0xffff);
}

TEST(FinishChecksum, refuses_a_field_outside_the_transport_header) {
    SeededRandom random(9);
    const SuperPacket super = make_super({.tcp = false, .payload_size = 2}, random);
    const IpPacket ip = *parse_ip(super.bytes);  // 20 bytes of IP, 10 of UDP
    const auto accepts = [&](std::uint16_t start, std::uint16_t offset) {
        Bytes packet = super.bytes;
        VnetHeader offload;
        offload.checksum_start = start;
        offload.checksum_offset = offset;
        const bool accepted = finish_checksum(offload, ip, packet).has_value();
        EXPECT_TRUE(accepted || packet == super.bytes) << "refused, yet changed";
        return accepted;
    };
    EXPECT_TRUE(accepts(20, 8));
    EXPECT_FALSE(accepts(20, 9));
    EXPECT_FALSE(accepts(30, 0));
    EXPECT_FALSE(accepts(19, 6));
    EXPECT_FALSE(accepts(0, 0));
}

}  // namespace
}  // namespace phantom::wire
