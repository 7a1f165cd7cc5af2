#include "dataplane/tap.h"

#include <cstring>

namespace phantom::dataplane {

bool TapRing::push(TapDirection direction, Instant now, ByteView packet) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    const std::size_t room = room_for(packet.size());
    // A record lies in one piece: what is left before the ring's end may have to be passed over.
    const std::size_t left = kTapRingSize - (tail & (kTapRingSize - 1));
    const std::size_t skipped = room <= left ? 0 : left;
    if (tail + skipped + room - known_head_ > kTapRingSize) {
        known_head_ = head_.load(std::memory_order_acquire);
        if (tail + skipped + room - known_head_ > kTapRingSize) {
            return false;
        }
    }
    if (skipped > 0) {
        const Header skip{.size = kSkip, .direction = direction, .time = now};
        std::memcpy(at(tail), &skip, sizeof skip);
    }
    const Header header{
        .size = static_cast<std::uint32_t>(packet.size()), .direction = direction, .time = now
    };
    std::uint8_t* place = at(tail + skipped);
    std::memcpy(place, &header, sizeof header);
    std::memcpy(place + sizeof header, packet.data(), packet.size());
    tail_.store(tail + skipped + room, std::memory_order_release);
    return true;
}

bool TapRing::front(TappedPacket& packet) {
    const std::size_t tail = tail_.load(std::memory_order_acquire);
    std::size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail) {
        return false;
    }
    Header header;
    std::memcpy(&header, at(head), sizeof header);
    front_size_ = 0;
    if (header.size == kSkip) {
        front_size_ = kTapRingSize - (head & (kTapRingSize - 1));
        head += front_size_;
        std::memcpy(&header, at(head), sizeof header);
    }
    front_size_ += room_for(header.size);
    packet = {header.direction, header.time, {at(head) + sizeof header, header.size}};
    return true;
}

void TapRing::pop() {
    head_.store(head_.load(std::memory_order_relaxed) + front_size_, std::memory_order_release);
}

bool TapBudget::wants(ByteView packet, const wire::IpPacket& ip, Instant now) {
    const auto words = FlowHash::words_of(packet, ip);
    if (!words) {
        return true;  // fragments, ICMP and what is malformed: rare, and worth a look
    }
    const bool tcp = ip.protocol == wire::kProtocolTcp;
    const FlowPrint flow = hash_.print(*words);
    Place& place = places_[flow.mixed() & (kTapFlowPlaces - 1)];
    constexpr std::int64_t kWindowNs = std::int64_t{kTapWindowS} * 1'000'000'000;
    const auto window = tcp ? 0 : static_cast<std::uint32_t>(now.ns / kWindowNs);
    constexpr std::uint8_t kSyn = 0x02;
    constexpr std::uint8_t kSynFinReset = 0x07;
    const std::uint8_t flags = tcp ? packet[ip.header_size + 13] : std::uint8_t{0};
    if (place.flow != flow || place.window != window || (flags & kSyn) != 0) {
        place = {flow, 0, window};
    }
    if (place.bytes >= kTapBytesPerFlow && (flags & kSynFinReset) == 0) {
        return false;
    }
    place.bytes += static_cast<std::uint32_t>(ip.total_size);
    return true;
}

void TapFeed::push(TapDirection direction, ByteView packet, Instant now) {
    if (ring_.push(direction, now, packet)) {
        copied_ = true;
    } else {
        dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
}

}  // namespace phantom::dataplane
