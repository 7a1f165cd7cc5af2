#pragma once

// A flow as 128 bits that nobody outside can make collide.
//
// NH over 64-bit words, with keys drawn at start (UMAC, RFC 4418, and Black et al., "UMAC: Fast and
// Secure Message Authentication", 1999, lemma 3.1): whatever two different flows are chosen without
// knowing the keys, they agree with a chance of 2^-64 at most. Three multiplications.

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/bytes.h"
#include "base/random.h"
#include "policy/flow.h"
#include "wire/ip.h"

namespace phantom::dataplane {

struct FlowPrint {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    friend bool operator==(const FlowPrint&, const FlowPrint&) = default;
    // For the place in a table: all bits count.
    [[nodiscard]] std::uint64_t mixed() const {
        const std::uint64_t sum = (high ^ low) * 0x9e3779b97f4a7c15U;  // 2^64 / golden ratio
        return sum ^ sum >> 32U;
    }
};

class FlowHash {
  public:
    explicit FlowHash(Random& random) {
        for (std::uint64_t& key : keys_) {
            key = random.next_u64();
        }
    }

    // Both addresses, 16 bytes each; ports, protocol, kind and family; the fragment.
    using Words = std::array<std::uint64_t, 6>;

    // `fragment`: not zero for the fragments of one packet, whose ports are not there to see.
    [[nodiscard]] FlowPrint print(const policy::Flow& flow, std::uint64_t fragment = 0) const {
        Words words;
        std::memcpy(&words[0], flow.source.bytes.data(), 16);
        std::memcpy(&words[2], flow.destination.bytes.data(), 16);
        words[4] = kind_word(
            std::uint32_t{flow.source_port} << 16U | flow.destination_port, flow.protocol,
            flow.source.family, static_cast<std::uint8_t>(flow.kind)
        );
        words[5] = fragment;
        return print(words);
    }
    [[nodiscard]] FlowPrint print(const Words& words) const {
        __extension__ unsigned __int128 sum = 0;
        for (std::size_t at = 0; at < words.size(); at += 2) {
            __extension__ const unsigned __int128 left = words[at] + keys_[at];
            sum += left * (words[at + 1] + keys_[at + 1]);
        }
        return {static_cast<std::uint64_t>(sum >> 64U), static_cast<std::uint64_t>(sum)};
    }
    [[nodiscard]] static std::uint64_t kind_word(
        std::uint32_t ports, std::uint8_t protocol, wire::Family family, std::uint8_t kind = 0
    ) {
        return std::uint64_t{ports} << 32U | std::uint64_t{protocol} << 16U |
               std::uint64_t{kind} << 8U | static_cast<std::uint8_t>(family);
    }

    // Of whole TCP and UDP packets whose ports, and flags, are there: straight from the packet, what
    // policy::view_packet would say. None: look closer.
    [[nodiscard]] static std::optional<Words> words_of(ByteView packet, const wire::IpPacket& ip) {
        constexpr std::uint16_t kFragmentBits = 0x3fff;  // more, and the offset
        constexpr std::size_t kSeen = 14;                // the ports, and TCP's flags
        const bool ported = ip.protocol == wire::kProtocolTcp || ip.protocol == wire::kProtocolUdp;
        if (!ported || ip.total_size < ip.header_size + kSeen) {
            return std::nullopt;
        }
        Words words{};
        if (ip.source.family == wire::Family::kV6) {
            std::memcpy(words.data(), &packet[8], 32);
        } else {
            if ((load_be<std::uint16_t>(&packet[6]) & kFragmentBits) != 0) {
                return std::nullopt;
            }
            words[0] = load_le<std::uint32_t>(&packet[12]);
            words[2] = load_le<std::uint32_t>(&packet[16]);
        }
        words[4] = kind_word(
            load_be<std::uint32_t>(packet.data() + ip.header_size), ip.protocol, ip.source.family
        );
        return words;
    }

  private:
    Words keys_;
};

}  // namespace phantom::dataplane
