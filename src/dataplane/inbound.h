#pragma once

// The way in of one shard: UDP to TUN. Thread: the shard's.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include <sys/uio.h>

#include "base/result.h"
#include "dataplane/shard_context.h"
#include "wire/coalescing.h"

namespace phantom::dataplane {

// Packets waiting to be written to the TUN together: runs of one flow each, oldest first.
inline constexpr std::size_t kWriteRunsMax = 32;

class Inbound {
  public:
    explicit Inbound(ShardContext& context);
    Inbound(const Inbound&) = delete;
    Inbound& operator=(const Inbound&) = delete;

    // One batch from one of the sockets. True: it may have more. kTunGone ends the shard.
    [[nodiscard]] Result<bool> run(int fd);

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
    void take_control(const wireguard::PeerPath& path, ByteView inner);
    void note_authentic(
        wireguard::Session& session, const io::Received& received, std::size_t inner_size
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
};

}  // namespace phantom::dataplane
