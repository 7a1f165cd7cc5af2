#pragma once

// One queue of a TUN interface. Reads and writes whole packets, each behind a wire::VnetHeader; a
// kernel or a handed-in descriptor without vnet_hdr gets an empty one made up.
//
// Thread: a queue belongs to one shard. Source: Linux Documentation/networking/tuntap.rst.

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <sys/uio.h>

#include "base/bytes.h"
#include "base/result.h"
#include "io/errors.h"
#include "io/fd.h"
#include "io/offloads.h"
#include "wire/vnet.h"

namespace phantom::io {

inline constexpr std::size_t kTunPacketSizeMax = 65'535;
inline constexpr std::size_t kTunReadSizeMax = wire::kVnetHeaderSize + kTunPacketSizeMax;

// What a test makes the kernel appear to refuse: any thread, before or during traffic.
struct TunFaults {
    std::atomic<int> super_packet_errno{0};
};

class TunQueue {
  public:
    TunQueue(Fd fd, bool has_vnet_header)
        : fd_(std::move(fd)),
          has_vnet_header_(has_vnet_header),
          faults_(std::make_unique<TunFaults>()) {}

    [[nodiscard]] int fd() const { return fd_.get(); }
    [[nodiscard]] bool has_vnet_header() const { return has_vnet_header_; }

    // Bytes written to `out` (at least kTunReadSizeMax): a VnetHeader and a packet. 0: nothing to
    // read now. kTunGone: the interface was deleted.
    [[nodiscard]] Result<std::size_t> read(MutableBytes out);
    // `parts[0]` is the VnetHeader. 0 on success, otherwise errno: EINVAL on a super-packet means
    // the kernel does not take it.
    [[nodiscard]] int write(std::span<const iovec> parts);

    // TUNSETOFFLOAD; a failure leaves what was set before.
    [[nodiscard]] Status set_offloads(bool tso, bool uso);

    TunFaults& faults() { return *faults_; }

  private:
    Fd fd_;
    bool has_vnet_header_;
    std::unique_ptr<TunFaults> faults_;
};

struct Tun {
    std::string name;
    std::vector<TunQueue> queues;
    Offloads offloads;  // tso and uso as the kernel accepted them

    // A new interface with `queue_count` queues (more than one: IFF_MULTI_QUEUE).
    [[nodiscard]] static Result<Tun> create(
        const std::string& name, std::size_t queue_count, const Offloads& wanted
    );
    // A descriptor somebody else attached to an interface (WG_TUN_FD).
    [[nodiscard]] static Result<Tun> adopt(int fd, const Offloads& wanted);
};

}  // namespace phantom::io
