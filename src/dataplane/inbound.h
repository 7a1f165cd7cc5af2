#pragma once

// The way in of one shard: UDP to TUN. Thread: the shard's.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <sys/uio.h>

#include "base/result.h"
#include "dataplane/outbound.h"
#include "dataplane/relay_share.h"
#include "dataplane/shard_context.h"
#include "wire/coalescing.h"

namespace phantom::dataplane {

// Packets waiting to be written to the TUN together: runs of one flow each, oldest first.
inline constexpr std::size_t kWriteRunsMax = 32;

class Inbound {
  public:
    // `outbound` takes relay frames on.
    Inbound(ShardContext& context, Outbound& outbound);
    Inbound(const Inbound&) = delete;
    Inbound& operator=(const Inbound&) = delete;

    // One batch from one of the sockets. True: it may have more. kTunGone ends the shard.
    [[nodiscard]] Result<bool> run(int fd);
    // What came over relays for sessions of this shard.
    [[nodiscard]] Status run_relayed(RelayedInbox& inbox);

  private:
    struct Sealed {
        wireguard::Session* session;
        const io::Received* received;
    };
    struct WriteRun {
        std::optional<wire::MergeRun> merge;  // none: written as it is
        std::size_t header_size;
        std::size_t part_count;
        std::array<iovec, 1 + wire::kCoalescedSegmentsMax> parts;  // [0] is the VnetHeader
    };

    void sort_datagram(const io::Received& received, MutableBytes datagram);
    void open_queued();
    void deliver(const Sealed& sealed, const crypto::OpenJob& job);
    [[nodiscard]] Status finish_batch();
    void take_control(
        const wireguard::PeerPath& path, const wire::Endpoint& from, MutableBytes inner
    );
    void take_relay_frame(
        const wireguard::PeerPath& path, const wire::RelayFrame& frame, MutableBytes inner
    );
    void take_relayed(const wire::RelayFrame& frame, MutableBytes datagram);
    void note_authentic(
        wireguard::Session& session, const io::Received& received, const crypto::OpenJob& job
    );
    void write_later(MutableBytes packet, const wire::IpPacket& ip);
    WriteRun& new_run(MutableBytes packet);
    void flush_writes();
    void write_run(WriteRun& run);
    void write_singly(WriteRun& run);
    void write_packet(MutableBytes packet);
    void check_write(int error);
    void settle_received();

    ShardContext& context_;
    Outbound& outbound_;
    bool merge_tcp_;
    bool merge_udp_;
    bool tun_gone_ = false;

    wireguard::Session* opening_ = nullptr;  // whose key the queued jobs are for
    std::array<crypto::OpenJob, crypto::kAeadBurstMax> jobs_;
    std::array<Sealed, crypto::kAeadBurstMax> sealed_;
    std::size_t job_count_ = 0;

    // Bytes authenticated of one path since it was last settled.
    wireguard::PeerPath* settling_ = nullptr;
    std::uint64_t settling_bytes_ = 0;

    std::unique_ptr<std::array<WriteRun, kWriteRunsMax>> runs_;
    std::size_t run_count_ = 0;

    RelayShare relay_share_;
    RelayedInbox::Batch relayed_;
    std::vector<io::Received> relayed_received_;
};

}  // namespace phantom::dataplane
