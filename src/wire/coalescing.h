#pragma once

// The inverse of segmentation: which packets may be written to the TUN as one, and the header that
// says so (a GRO of our own). Pure: payloads stay where they are, the caller writes them with one
// gathered write.
//
// Rules as Linux GRO has them: same addresses, ports, TOS, TTL, DF and, for TCP, same ACK, window
// and options, consecutive sequence numbers; equal sizes but for a shorter last one; PSH ends a
// run; a wrong checksum is never merged, so the kernel still sees and drops it.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "wire/ip.h"
#include "wire/vnet.h"

namespace phantom::wire {

inline constexpr std::size_t kCoalescedSizeMax = 65'535;
// Segments in one coalesced packet; the kernel refuses none, this bounds the gather list.
inline constexpr std::size_t kCoalescedSegmentsMax = 128;
// IPv6 without extension headers, TCP with all its options.
inline constexpr std::size_t kMergeHeaderSizeMax = 40 + 60;

// A TCP or UDP packet, whole and without IPv4 options or IPv6 extension headers. It may be merged
// when it carries payload, has no TCP flag but ACK and PSH, and its checksum is correct; otherwise
// it only ends the run of its flow, so that order is kept.
struct MergeCandidate {
    std::uint8_t* packet;
    std::uint16_t header_size;  // IP and transport
    std::uint16_t payload_size;
    std::uint8_t ip_header_size;
    bool tcp;
    bool mergeable;
    bool push;
    std::uint32_t sequence;  // TCP
};

// `ip` is parse_ip of `packet`. None: of no flow, write this packet by itself.
[[nodiscard]] std::optional<MergeCandidate> merge_candidate(
    std::uint8_t* packet, const IpPacket& ip
);

// A run of packets being merged. Its first packet's header becomes the header of all.
class MergeRun {
  public:
    explicit MergeRun(const MergeCandidate& first);

    // Same connection: a later packet of it must not be written before this run.
    [[nodiscard]] bool same_flow(const MergeCandidate& next) const;
    // True: `next`'s payload is now the end of this run. Requires same_flow.
    [[nodiscard]] bool append(const MergeCandidate& next);

    [[nodiscard]] std::size_t count() const { return count_; }
    // Rewrites the first packet's header for the whole run; call once, when nothing more comes.
    // A run of one packet is left as it is and gets an empty header.
    [[nodiscard]] VnetHeader finish();

  private:
    MergeCandidate first_;
    std::size_t count_ = 1;
    std::size_t payload_total_;
    bool closed_;
    bool push_;
};

}  // namespace phantom::wire
