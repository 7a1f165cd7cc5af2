#include "io/offload_probe.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>
#include <vector>

#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/log.h"
#include "io/probe_packet.h"
#include "io/tun.h"
#include "io/udp.h"
#include "io/udp_address.h"
#include "wire/coalescing.h"
#include "wire/ip.h"
#include "wire/segmentation.h"

namespace phantom::io {

namespace {

// Three full segments and a short tail: what kernels got wrong was the tail.
constexpr std::size_t kSegmentSize = 1000;
constexpr std::size_t kSegmentCount = 4;
constexpr std::size_t kTailSize = 300;
constexpr std::size_t kTotalSize = (kSegmentCount - 1) * kSegmentSize + kTailSize;
constexpr int kWaitMs = 200;
constexpr std::uint16_t kPeerPort = 7;
constexpr std::uint8_t kTcpSyn = 0x02;
constexpr std::uint8_t kTcpAck = 0x10;
constexpr std::uint16_t kOlderKernelSegmentsMax = 64;

using Bytes = std::vector<std::uint8_t>;

Bytes pattern(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t index = 0; index < size; ++index) {
        bytes[index] = static_cast<std::uint8_t>(index * 31 + index / 256);
    }
    return bytes;
}

bool readable(int fd) {
    pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
    return poll(&wait, 1, kWaitMs) == 1;
}

wire::SocketAddress local_address(std::uint8_t last_byte, std::uint16_t port) {
    const std::uint8_t bytes[4] = {10, 0, 0, last_byte};
    return {.address = wire::Address::v4(bytes), .port = port};
}

bool bring_up(const char* name, std::optional<wire::SocketAddress> address) {
    const Fd control(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    if (address) {
        sockaddr_storage storage{};
        (void)to_sockaddr(*address, storage);
        std::memcpy(&request.ifr_addr, &storage, sizeof request.ifr_addr);
        if (ioctl(control.get(), SIOCSIFADDR, &request) != 0) {
            return false;
        }
        sockaddr_in mask{};
        mask.sin_family = AF_INET;
        mask.sin_addr.s_addr = htonl(0xffffff00U);
        std::memcpy(&request.ifr_netmask, &mask, sizeof mask);
        if (ioctl(control.get(), SIOCSIFNETMASK, &request) != 0) {
            return false;
        }
    }
    request.ifr_flags = IFF_UP;
    return ioctl(control.get(), SIOCSIFFLAGS, &request) == 0;
}

// ---- UDP sockets over loopback ----------------------------------------------------------------

// Sends `segment_count` datagrams in one GSO run and takes them in again. True: the bytes and
// borders are right and GSO was not refused.
bool sockets_carry(const Offloads& offloads, std::size_t segment_count, bool spoil) {
    const auto sender = UdpSocket::open({.offloads = offloads});
    const auto receiver = UdpSocket::open({.offloads = offloads});
    if (!sender || !receiver || (*sender)->fd_v4() < 0) {
        return false;
    }
    const std::size_t segment_size = kDatagramSizeMax / kGsoSegmentsMax;
    const Bytes sent = pattern(segment_count * segment_size - 1);  // a tail one byte short
    Bytes wire_bytes = sent;
    wire_bytes[segment_size] ^= static_cast<std::uint8_t>(spoil ? 1 : 0);
    const std::uint8_t loopback[4] = {127, 0, 0, 1};
    const wire::Endpoint to{
        .remote = {.address = wire::Address::v4(loopback), .port = (*receiver)->port()},
        .source = {},
    };
    const SendRun run{wire_bytes.data(), wire_bytes.size(), segment_size, segment_count, &to, 0};
    (*sender)->send({&run, 1});
    if (!(*sender)->offloads().gso && offloads.gso) {
        return false;
    }
    Bytes got;
    while (got.size() < sent.size() && readable((*receiver)->fd_v4())) {
        for (const Received& part : (*receiver)->receive((*receiver)->fd_v4())) {
            if (part.segment_size != segment_size && part.bytes.size() > segment_size) {
                return false;
            }
            got.insert(got.end(), part.bytes.begin(), part.bytes.end());
        }
    }
    return got == sent;
}

// ---- TUN --------------------------------------------------------------------------------------

class TunProbe {
  public:
    explicit TunProbe(Tun tun) : tun_(std::move(tun)) {}

    [[nodiscard]] const Offloads& accepted() const { return tun_.offloads; }

    bool udp_holds(bool spoil);
    bool tcp_holds(bool spoil);

  private:
    TunQueue& queue() { return tun_.queues.front(); }
    bool write_merged(ProbePacket fields, bool spoil);
    bool write_plain(const Bytes& packet);
    std::optional<Bytes> read_transport(bool tcp, std::size_t payload_wanted);
    std::optional<Bytes> read_packet();

    Tun tun_;
};

bool TunProbe::write_plain(const Bytes& packet) {
    wire::VnetHeader offload;
    const std::array<iovec, 2> parts{{
        {&offload, sizeof offload},
        {const_cast<std::uint8_t*>(packet.data()), packet.size()},
    }};
    return queue().write(parts) == 0;
}

// The pattern as kSegmentCount packets, merged and written the way Inbound does it.
bool TunProbe::write_merged(ProbePacket fields, bool spoil) {
    const Bytes payload = pattern(kTotalSize);
    const ByteView all = payload;
    std::vector<Bytes> packets;
    std::optional<wire::MergeRun> run;
    std::vector<iovec> parts(2);
    for (std::size_t index = 0; index < kSegmentCount; ++index) {
        const std::size_t offset = index * kSegmentSize;
        const ByteView part = all.subspan(offset, std::min(kSegmentSize, kTotalSize - offset));
        ProbePacket next = fields;
        next.sequence = fields.sequence + static_cast<std::uint32_t>(offset);
        packets.push_back(make_packet(next, part));
        Bytes& packet = packets.back();
        const auto ip = wire::parse_ip(packet);
        const auto candidate = wire::merge_candidate(packet.data(), *ip);
        if (!candidate) {
            return false;
        }
        if (!run) {
            run.emplace(*candidate);
            parts[1] = {packet.data(), packet.size()};
        } else if (run->append(*candidate)) {
            parts.push_back({packet.data() + candidate->header_size, part.size()});
        } else {
            return false;
        }
    }
    if (spoil) {
        static_cast<std::uint8_t*>(parts.back().iov_base)[0] ^= 1U;
    }
    wire::VnetHeader offload = run->finish();
    parts[0] = {&offload, sizeof offload};
    return queue().write(parts) == 0;
}

std::optional<Bytes> TunProbe::read_packet() {
    Bytes buffer(kTunReadSizeMax);
    while (readable(queue().fd())) {
        const auto size = queue().read(buffer);
        if (!size) {
            return std::nullopt;
        }
        if (*size > wire::kVnetHeaderSize) {
            buffer.resize(*size);
            return buffer;
        }
    }
    return std::nullopt;
}

// Payload bytes the kernel sends out of the interface, its super-packets cut by our own code and
// each segment's checksum verified.
std::optional<Bytes> TunProbe::read_transport(bool tcp, std::size_t payload_wanted) {
    Bytes payload;
    while (payload.size() < payload_wanted) {
        auto read = read_packet();
        if (!read) {
            return std::nullopt;
        }
        wire::VnetHeader offload;
        std::memcpy(&offload, read->data(), sizeof offload);
        const MutableBytes packet = MutableBytes(*read).subspan(wire::kVnetHeaderSize);
        const auto ip = wire::parse_ip(packet);
        if (!ip || ip->protocol != (tcp ? wire::kProtocolTcp : wire::kProtocolUdp)) {
            continue;
        }
        if (offload.gso_type == 0) {
            const std::size_t header =
                ip->header_size + (tcp ? (packet[ip->header_size + 12] >> 4U) * 4U : 8U);
            payload.insert(
                payload.end(), packet.begin() + static_cast<std::ptrdiff_t>(header),
                packet.begin() + static_cast<std::ptrdiff_t>(ip->total_size)
            );
            continue;
        }
        const auto plan = wire::SegmentPlan::make(offload, packet);
        if (!plan) {
            return std::nullopt;
        }
        for (std::size_t index = 0; index < plan->count(); ++index) {
            const ByteView part =
                ByteView(packet).subspan(plan->payload_offset(index), plan->payload_size(index));
            payload.insert(payload.end(), part.begin(), part.end());
        }
    }
    return payload;
}

bool TunProbe::udp_holds(bool spoil) {
    const Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_storage address{};
    socklen_t size = to_sockaddr(local_address(1, 0), address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(fd.get(), generic, size) != 0 || getsockname(fd.get(), generic, &size) != 0) {
        return false;
    }
    const std::uint16_t port = from_sockaddr(address).port;
    ProbePacket in;
    in.source = local_address(2, kPeerPort);
    in.destination = local_address(1, port);
    if (!write_merged(in, spoil)) {
        return false;
    }
    Bytes got;
    Bytes datagram(kTunPacketSizeMax);
    while (got.size() < kTotalSize && readable(fd.get())) {
        const ssize_t count = recv(fd.get(), datagram.data(), datagram.size(), 0);
        if (count < 0 || static_cast<std::size_t>(count) > kSegmentSize) {
            return false;
        }
        got.insert(got.end(), datagram.begin(), datagram.begin() + count);
    }
    if (got != pattern(kTotalSize)) {
        return false;
    }
    size = to_sockaddr(local_address(2, kPeerPort), address);
    const int segment_size = kSegmentSize;
    if (setsockopt(fd.get(), SOL_UDP, UDP_SEGMENT, &segment_size, sizeof segment_size) != 0 ||
        sendto(fd.get(), got.data(), got.size(), 0, generic, size) < 0) {
        return true;  // this kernel's sockets make no UDP super-packets: nothing to read wrongly
    }
    return read_transport(false, kTotalSize) == got;
}

bool TunProbe::tcp_holds(bool spoil) {
    const Fd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_storage address{};
    socklen_t size = to_sockaddr(local_address(1, 0), address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener.get(), generic, size) != 0 || listen(listener.get(), 1) != 0 ||
        getsockname(listener.get(), generic, &size) != 0) {
        return false;
    }
    ProbePacket segment;
    segment.tcp = true;
    segment.source = local_address(2, kPeerPort);
    segment.destination = local_address(1, from_sockaddr(address).port);
    segment.tcp_flags = kTcpSyn;
    segment.tcp_mss_option = kSegmentSize;
    if (!write_plain(make_packet(segment, {}))) {
        return false;
    }
    std::optional<std::uint32_t> their_sequence;
    while (!their_sequence) {
        const auto answer = read_packet();
        if (!answer) {
            return false;
        }
        const std::uint8_t* tcp = answer->data() + wire::kVnetHeaderSize + wire::kIpv4HeaderSize;
        if (answer->size() >= wire::kVnetHeaderSize + 2 * wire::kIpv4HeaderSize &&
            (*answer)[wire::kVnetHeaderSize + 9] == wire::kProtocolTcp &&
            tcp[13] == (kTcpSyn | kTcpAck)) {
            their_sequence = load_be<std::uint32_t>(tcp + 4);
        }
    }
    segment.tcp_flags = kTcpAck;
    segment.tcp_mss_option = 0;
    segment.sequence = 1;
    segment.acknowledgement = *their_sequence + 1;
    if (!write_plain(make_packet(segment, {})) || !readable(listener.get())) {
        return false;
    }
    const Fd connection(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!write_merged(segment, spoil)) {
        return false;
    }
    Bytes got;
    Bytes part(kTotalSize);
    while (got.size() < kTotalSize && readable(connection.get())) {
        const ssize_t count = recv(connection.get(), part.data(), part.size(), 0);
        if (count <= 0) {
            return false;
        }
        got.insert(got.end(), part.begin(), part.begin() + count);
    }
    if (got != pattern(kTotalSize) || send(connection.get(), got.data(), got.size(), 0) < 0) {
        return false;
    }
    return read_transport(true, kTotalSize) == got;
}

// ---- All of it --------------------------------------------------------------------------------

void lose(bool& offload, const char* name, const char* reason) {
    offload = false;
    log::warning("offload {} is not used: {}", name, reason);
}

void prove_sockets(Offloads& offloads, const ProbeFaults& faults) {
    Offloads plain = offloads;
    plain.gro = false;
    if (offloads.gso && !sockets_carry(plain, kSegmentCount, faults.gso)) {
        lose(offloads.gso, "gso", "segmented sends do not arrive as they should");
    }
    if (offloads.gso && !sockets_carry(plain, offloads.gso_segments_max, false)) {
        offloads.gso_segments_max = kOlderKernelSegmentsMax;
        log::info("UDP GSO: {} segments at most on this kernel", offloads.gso_segments_max);
        plain.gso_segments_max = kOlderKernelSegmentsMax;
        if (!sockets_carry(plain, kOlderKernelSegmentsMax, false)) {
            lose(offloads.gso, "gso", "long segmented sends do not arrive as they should");
        }
    }
    Offloads merged = offloads;
    if (offloads.gro && !sockets_carry(merged, kSegmentCount, faults.gro)) {
        lose(offloads.gro, "gro", "merged receives are not what was sent");
    }
}

void prove_tun(Offloads& offloads, const ProbeFaults& faults) {
    auto made = Tun::create("pmprobe", 1, offloads);
    if (!made) {
        log::warning("offload self-test: {}", made.error().message());
        return;
    }
    TunProbe probe(std::move(*made));
    if (offloads.tso && !probe.accepted().tso) {
        lose(offloads.tso, "tso", "the kernel refuses it");
    }
    if (offloads.uso && !probe.accepted().uso) {
        lose(offloads.uso, "uso", "the kernel refuses it (Linux 6.2 has it)");
    }
    if (!bring_up("pmprobe", local_address(1, 0))) {
        log::warning("offload self-test: cannot bring its interface up, TUN offloads not proven");
        return;
    }
    if (offloads.tso && !probe.tcp_holds(faults.tso)) {
        lose(offloads.tso, "tso", "TCP super-packets do not come through unchanged");
    }
    if (offloads.uso && !probe.udp_holds(faults.uso)) {
        lose(offloads.uso, "uso", "UDP super-packets do not come through unchanged");
    }
}

}  // namespace

Offloads prove_offloads(const Offloads& wanted, const ProbeFaults& faults) {
    Offloads offloads = wanted;
    std::thread([&] {
        if (unshare(CLONE_NEWNET) != 0 || !bring_up("lo", std::nullopt)) {
            log::warning(
                "offload self-test skipped (no network namespace: {}); offloads are used unproven",
                std::strerror(errno)
            );
            return;
        }
        prove_sockets(offloads, faults);
        prove_tun(offloads, faults);
    }).join();
    return offloads;
}

}  // namespace phantom::io
