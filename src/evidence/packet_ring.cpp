#include "evidence/packet_ring.h"

#include <algorithm>
#include <array>
#include <vector>

#include "wire/ip.h"

namespace phantom::evidence {

namespace {

constexpr std::uint16_t kLinkTypeRaw = 101;  // an IPv4 or IPv6 packet

// A block: its type, its length twice, and what is between.
class Block {
  public:
    Block(std::string& out, std::uint32_t type) : out_(out), begin_(out.size()) {
        put32(type);
        put32(0);
    }
    void put16(std::uint16_t number) {
        std::array<std::uint8_t, 2> bytes{};
        store_le(bytes.data(), number);
        put(bytes);
    }
    void put32(std::uint32_t number) {
        std::array<std::uint8_t, 4> bytes{};
        store_le(bytes.data(), number);
        put(bytes);
    }
    // Padded to 32 bits.
    void put(ByteView bytes) {
        out_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    void pad() { out_.append((4 - (out_.size() - begin_) % 4) % 4, '\0'); }
    void end() {
        pad();
        const auto size = static_cast<std::uint32_t>(out_.size() - begin_ + 4);
        put32(size);
        store_le(reinterpret_cast<std::uint8_t*>(out_.data()) + begin_ + 4, size);
    }

  private:
    std::string& out_;
    std::size_t begin_;
};

void write_headers(std::string& out) {
    Block section(out, 0x0A0D0D0A);
    section.put32(0x1A2B3C4D);
    section.put16(1);
    section.put16(0);
    section.put32(0xFFFFFFFF);  // the section's length is not said
    section.put32(0xFFFFFFFF);
    section.end();
    Block interface(out, 1);
    interface.put16(kLinkTypeRaw);
    interface.put16(0);
    interface.put32(kPacketKept);
    interface.put16(9);  // if_tsresol: nanoseconds
    interface.put16(1);
    interface.put32(9);
    interface.put32(0);  // no more options
    interface.end();
}

void write_packet(
    std::string& out, ByteView packet, std::uint32_t size, WallTime at, PacketDirection direction
) {
    const auto ns = static_cast<std::uint64_t>(at.ns);
    Block block(out, 6);
    block.put32(0);
    block.put32(static_cast<std::uint32_t>(ns >> 32U));
    block.put32(static_cast<std::uint32_t>(ns));
    block.put32(static_cast<std::uint32_t>(packet.size()));
    block.put32(size);
    block.put(packet);
    block.pad();
    block.put16(2);  // epb_flags: inbound or outbound
    block.put16(4);
    block.put32(direction == PacketDirection::kIn ? 1 : 2);
    block.put32(0);
    block.end();
}

// wire::parse_ip refuses a packet that says more than is there, as one that was cut does; its addresses are whole.
bool is_of(ByteView packet, const wire::Address& subject) {
    if (packet.size() >= wire::kIpv4HeaderSize && packet[0] >> 4U == 4) {
        return wire::Address::v4(&packet[12]) == subject ||
               wire::Address::v4(&packet[16]) == subject;
    }
    if (packet.size() >= wire::kIpv6HeaderSize && packet[0] >> 4U == 6) {
        return wire::Address::v6(&packet[8]) == subject ||
               wire::Address::v6(&packet[24]) == subject;
    }
    return false;
}

}  // namespace

void PacketRing::make_room(std::size_t size) {
    while (end_ - begin_ + size > kPacketRingSize) {
        Header header;
        copy_out(begin_, {reinterpret_cast<std::uint8_t*>(&header), sizeof header});
        begin_ += sizeof header + header.kept;
    }
}

void PacketRing::copy_in(std::uint64_t position, ByteView bytes) {
    const std::size_t at = position % kPacketRingSize;
    const std::size_t first = std::min(bytes.size(), kPacketRingSize - at);
    std::ranges::copy(bytes.first(first), bytes_.get() + at);
    std::ranges::copy(bytes.subspan(first), bytes_.get());
}

void PacketRing::copy_out(std::uint64_t position, MutableBytes bytes) const {
    const std::size_t at = position % kPacketRingSize;
    const std::size_t first = std::min(bytes.size(), kPacketRingSize - at);
    const std::uint8_t* begin = bytes_.get() + at;
    std::copy_n(begin, first, bytes.begin());
    std::copy_n(
        bytes_.get(), bytes.size() - first, bytes.begin() + static_cast<std::ptrdiff_t>(first)
    );
}

void PacketRing::push(PacketDirection direction, Instant at, ByteView packet) {
    if (bytes_ == nullptr) {
        bytes_ = std::make_unique_for_overwrite<std::uint8_t[]>(kPacketRingSize);
    }
    const ByteView kept = packet.first(std::min(packet.size(), kPacketKept));
    const Header header{
        .at = at,
        .kept = static_cast<std::uint32_t>(kept.size()),
        .size = static_cast<std::uint32_t>(packet.size()),
        .direction = direction,
    };
    make_room(sizeof header + kept.size());
    copy_in(end_, {reinterpret_cast<const std::uint8_t*>(&header), sizeof header});
    copy_in(end_ + sizeof header, kept);
    end_ += sizeof header + kept.size();
}

PacketRing::Capture PacketRing::capture_of(
    const wire::Address& subject, Instant now, WallTime wall_now
) const {
    Capture capture;
    write_headers(capture.pcapng);
    std::vector<std::uint8_t> packet;
    for (std::uint64_t at = begin_; at < end_;) {
        Header header;
        copy_out(at, {reinterpret_cast<std::uint8_t*>(&header), sizeof header});
        packet.resize(header.kept);
        copy_out(at + sizeof header, packet);
        at += sizeof header + header.kept;
        if (now - header.at > kPacketRingAge || !is_of(packet, subject)) {
            continue;
        }
        const WallTime when{wall_now.ns - (now - header.at).count()};
        write_packet(capture.pcapng, packet, header.size, when, header.direction);
        ++capture.count;
    }
    return capture;
}

void PacketRing::heads(Instant now, const std::function<bool(ByteView)>& visit) const {
    std::array<std::uint8_t, kPacketHead> head{};
    for (std::uint64_t at = begin_; at < end_;) {
        Header header;
        copy_out(at, {reinterpret_cast<std::uint8_t*>(&header), sizeof header});
        const MutableBytes bytes(head.data(), std::min<std::size_t>(header.kept, head.size()));
        copy_out(at + sizeof header, bytes);
        at += sizeof header + header.kept;
        if (now - header.at <= kPacketRingAge && !visit(bytes)) {
            return;
        }
    }
}

}  // namespace phantom::evidence
