#pragma once

// The last packets that went by, and those of one address among them as a capture (pcapng): bounded in bytes and in
// age. No I/O, no lock: one owner.
// Source: draft-ietf-opsawg-pcapng, sections 4.1 (SHB), 4.2 (IDB), 4.3 (EPB).

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "wire/address.h"

namespace phantom::evidence {

inline constexpr std::size_t kPacketRingSize = 8U << 20U;
inline constexpr Duration kPacketRingAge = std::chrono::seconds(60);
// Of each packet; what a super-packet has beyond is not kept.
inline constexpr std::size_t kPacketKept = 2'048;
// What heads() shows of each: an IPv6 header and TCP's, or IPv4's with all options.
inline constexpr std::size_t kPacketHead = 80;

enum class PacketDirection : std::uint8_t { kIn, kOut };

class PacketRing {
  public:
    void push(PacketDirection direction, Instant at, ByteView packet);
    // Of `subject`, from the oldest on, no older than kPacketRingAge; times are told as wall-clock time. `count` is how
    // many there are.
    struct Capture {
        std::string pcapng;
        std::size_t count = 0;
    };
    [[nodiscard]] Capture capture_of(const wire::Address& subject, Instant now, WallTime wall_now)
        const;
    // The first bytes of each that is no older than kPacketRingAge, the oldest first; until `visit` says false.
    void heads(Instant now, const std::function<bool(ByteView)>& visit) const;

  private:
    struct Header {
        Instant at;
        std::uint32_t kept = 0;
        std::uint32_t size = 0;
        PacketDirection direction = PacketDirection::kIn;
    };
    void make_room(std::size_t size);
    void copy_in(std::uint64_t position, ByteView bytes);
    void copy_out(std::uint64_t position, MutableBytes bytes) const;

    // Positions only grow; they are taken modulo kPacketRingSize. The memory is not cleared: that would touch all of
    // it at the first packet, which may be the attack, and took 60 ms.
    std::unique_ptr<std::uint8_t[]> bytes_;
    std::uint64_t begin_ = 0;
    std::uint64_t end_ = 0;
};

}  // namespace phantom::evidence
