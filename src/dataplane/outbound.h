#pragma once

// The way out of one shard: TUN to UDP. Thread: the shard's. Limits below.

#include <array>
#include <cstdint>
#include <memory>

#include "base/result.h"
#include "dataplane/shard_context.h"
#include "dataplane/staging.h"
#include "wire/ip.h"
#include "wire/segmentation.h"

namespace phantom::dataplane {

// Packets read from the TUN before they are sealed and sent together.
inline constexpr std::size_t kReadBatchPackets = 128;
// Room for four super-packets, or a full batch of small ones.
inline constexpr std::size_t kReadArenaSize = 4 * 66'048;
inline constexpr std::size_t kSendArenaSize = 5 * 66'048;
// Datagram runs (one GSO send each) in one batch.
inline constexpr std::size_t kRunsMax = 256;
// Segments of a super-packet placed side by side before they are sealed.
inline constexpr std::size_t kSegmentChunk = 64;
// A chunk of the largest super-packet fits an empty send arena: its payload and each segment's
// header, padding, WireGuard header and tag.
static_assert(
    io::kTunPacketSizeMax +
        (kSegmentChunk + 1) * (wire::kSegmentHeaderSizeMax + 16 + wire::kTransportOverhead) <=
    kSendArenaSize
);
static_assert(kSegmentChunk <= kRunsMax);

class Outbound {
  public:
    explicit Outbound(ShardContext& context);
    Outbound(const Outbound&) = delete;
    Outbound& operator=(const Outbound&) = delete;

    // One batch. True: the TUN may have more.
    [[nodiscard]] Result<bool> run();

    // The handshake completed, or was given up.
    void send_staged(wireguard::PeerId peer);
    void drop_staged(wireguard::PeerId peer) { (void)staging_.take(peer); }

    // A relay frame on to its next hop. The 15 bytes behind it are ours to write, and all of it stays
    // as it is until flush().
    void relay(wireguard::PeerPath& next, MutableBytes frame);
    void flush();

  private:
    struct Target {
        wireguard::PeerPath* path;
        wireguard::Session* session;
        const wire::Endpoint* endpoint;  // of the relay, when there is one
        std::uint8_t tos;
        wireguard::PeerPath* via = nullptr;  // the relay
        wire::RelayRoute route{};
    };
    struct RunOwner {
        wireguard::PeerPath* path;
        wireguard::Session* session;
        wireguard::PeerPath* via;
    };

    void forward(MutableBytes read);
    [[nodiscard]] bool go_over_relay(Target& target);
    bool wrap_run(const io::SendRun& run, const RunOwner& owner);
    void wrap_relayed();
    void seal_super_packet(
        const Target& target, const wire::VnetHeader& offload, MutableBytes packet
    );
    void seal_chunk(
        const Target& target, const wire::SegmentPlan& plan, std::uint8_t* packet,
        std::size_t begin, std::size_t end
    );
    void seal_copied_segments(
        const Target& target, const wire::SegmentPlan& plan, const std::uint8_t* packet
    );
    [[nodiscard]] bool make_room(std::size_t count, std::size_t plaintext_size_max);
    std::uint8_t* place(const Target& target, std::size_t plaintext_size);
    void queue_seal(
        const Target& target, const std::uint8_t* plaintext, std::uint8_t* datagram,
        std::size_t plaintext_size, std::uint64_t counter
    );
    void seal_queued();
    void stage(const wireguard::PeerPath& path, MutableBytes read);
    [[nodiscard]] std::size_t padded_size(std::size_t size) const;

    ShardContext& context_;
    Staging staging_;

    std::unique_ptr<std::uint8_t[]> read_arena_;
    std::unique_ptr<std::uint8_t[]> send_arena_;
    std::size_t send_used_ = 0;

    wireguard::Session* sealing_ = nullptr;  // whose key the queued jobs are for
    std::array<crypto::SealJob, crypto::kAeadBurstMax> jobs_;
    std::size_t job_count_ = 0;

    std::array<io::SendRun, kRunsMax> runs_;
    std::array<RunOwner, kRunsMax> run_owners_;
    std::size_t run_count_ = 0;

    struct Saved {
        std::array<std::uint8_t, wire::kSegmentHeaderSizeMax> head;
        std::array<std::uint8_t, wireguard::kPaddingMultiple> tail;
    };
    std::array<Saved, kSegmentChunk / 2> saved_;
};

}  // namespace phantom::dataplane
