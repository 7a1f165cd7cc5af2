#pragma once

// The UDP side of a shard: an IPv4 and an IPv6 socket on one port, batched both ways, with GSO,
// GRO, ECN and sticky source addresses.
//
// Thread: one shard, but for send_one, which any thread may call. Source: Linux udp(7), ip(7),
// ipv6(7); Documentation/networking/segmentation-offloads.rst.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/bytes.h"
#include "base/result.h"
#include "io/errors.h"
#include "io/fd.h"
#include "io/offloads.h"
#include "wire/address.h"

namespace phantom::io {

// Largest UDP payload over IPv4 (over IPv6 it is 20 more; one bound serves both).
inline constexpr std::size_t kDatagramSizeMax = 65'507;
inline constexpr std::size_t kSocketBufferSizeBytes = 7U << 20U;
// Super-datagrams in one receive call: with GRO each holds up to 64 KiB.
inline constexpr std::size_t kReceiveSlots = 8;

// One or, with GRO, several datagrams of one sender side by side, each `segment_size` but the last.
struct Received {
    MutableBytes bytes;
    std::size_t segment_size;
    wire::Endpoint from;  // its source is the local address the datagram came to
    std::uint8_t tos;     // of the outer header: ECN in the low two bits
};

// Datagrams side by side, each `segment_size` but for a shorter last one. More than one: GSO.
struct SendRun {
    const std::uint8_t* data;
    std::size_t size;
    std::size_t segment_size;
    std::size_t segment_count;
    const wire::Endpoint* to;
    std::uint8_t tos;
};

struct SendCounters {
    std::uint64_t calls = 0;
    std::uint64_t dropped_datagrams = 0;  // refused by the kernel or no room in time
    std::uint64_t source_forgotten = 0;   // sticky source was gone: sent without
};

// What a test makes the kernel appear to refuse.
struct UdpFaults {
    std::atomic<int> gso_errno{0};
};

class UdpSocket {
  public:
    // `shared_port`: SO_REUSEPORT, one socket pair a shard. Port 0: the kernel chooses.
    struct Options {
        std::uint16_t port = 0;
        std::uint32_t fwmark = 0;
        bool shared_port = false;
        Offloads offloads;
    };
    // IPv6 may be absent (kernel without it): then only IPv4, and the other way round.
    [[nodiscard]] static Result<std::unique_ptr<UdpSocket>> open(const Options& options);

    [[nodiscard]] std::uint16_t port() const { return port_; }
    // -1: that family is absent.
    [[nodiscard]] int fd_v4() const { return v4_.get(); }
    [[nodiscard]] int fd_v6() const { return v6_.get(); }
    [[nodiscard]] Offloads offloads() const;

    // Fills `out` with what is there, in order; the bytes stay valid until the next call. Empty:
    // nothing now.
    [[nodiscard]] std::span<Received> receive(int fd);
    // Sends all runs in order. Falls back from GSO to single datagrams for good when the kernel
    // refuses it. Waits a bounded time for buffer room, then drops and counts.
    void send(std::span<const SendRun> runs);
    // One datagram, from the control thread.
    [[nodiscard]] Status send_one(ByteView datagram, const wire::Endpoint& to, std::uint8_t tos);

    [[nodiscard]] Status set_fwmark(std::uint32_t fwmark);
    // Steers datagrams in the SO_REUSEPORT group: transport packets to the socket with index
    // receiver_index % count, all else to index 0. Call once, on one socket of the full group.
    [[nodiscard]] Status steer_by_receiver_index(std::uint32_t count);

    [[nodiscard]] const SendCounters& send_counters() const { return send_counters_; }
    UdpFaults& faults() { return faults_; }

  private:
    UdpSocket();
    struct Slots;

    void send_family(int fd, std::span<const SendRun> runs);
    void send_singly(const SendRun& run);
    void handle_refusal(const SendRun& run, int error);

    Fd v4_;
    Fd v6_;
    std::uint16_t port_ = 0;
    std::atomic<bool> gso_{true};
    bool gro_ = true;
    std::uint16_t gso_segments_max_ = kGsoSegmentsMax;
    SendCounters send_counters_;
    UdpFaults faults_;
    std::unique_ptr<Slots> slots_;

  public:
    ~UdpSocket();
    UdpSocket(const UdpSocket&) = delete;
    UdpSocket& operator=(const UdpSocket&) = delete;
};

}  // namespace phantom::io
