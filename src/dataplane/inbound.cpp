// Packet in, the mirror of outbound.cpp:
//   1. receive a batch from UDP, super-datagrams cut where they lie    run
//   2. handshake messages go to the control thread                     sort_datagram
//      transport: find the session by receiver index
//   3. open in bursts, in place                                        open_queued
//   4. replay window, then who is it from: roaming, timers             deliver, note_authentic
//      control frames go to the control thread                         take_control
//      a relay frame goes on to its next hop, or its datagram to
//      the shard of its session, as if it had come from the socket     take_relay_frame
//   5. trim to the inner length, crypto routing, tap, policy, what     deliver
//      is held against the peer, ECN
//   6. merge neighbours of one flow                                    write_later
//   7. one gathered write per run to the TUN                           flush_writes
//
// Payloads stay where the socket put them until the kernel gathers them in step 7.

#include "dataplane/inbound.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "wire/ip.h"
#include "wireguard/session.h"

namespace phantom::dataplane {

namespace {
const wire::VnetHeader kNoOffload;
}

Inbound::Inbound(ShardContext& context, Outbound& outbound)
    : context_(context),
      outbound_(outbound),
      merge_tcp_(context.tun_offloads.tso),
      merge_udp_(context.tun_offloads.uso),
      runs_(std::make_unique_for_overwrite<std::array<WriteRun, kWriteRunsMax>>()) {}

Result<bool> Inbound::run(int fd) {
    const auto received = context_.udp->receive(fd);
    context_.counters.receive_calls.add();
    for (const io::Received& datagrams : received) {
        MutableBytes rest = datagrams.bytes;
        while (!rest.empty()) {
            const std::size_t size = std::min(datagrams.segment_size, rest.size());
            sort_datagram(datagrams, rest.first(size));
            rest = rest.subspan(size);
        }
    }
    PM_TRY(finish_batch());
    return received.size() == io::kReceiveSlots;
}

Status Inbound::finish_batch() {
    open_queued();
    flush_writes();
    outbound_.flush();
    settle_received();
    if (tun_gone_) {
        return fail(io::IoError::kTunGone);
    }
    return {};
}

Status Inbound::run_relayed(RelayedInbox& inbox) {
    inbox.take(relayed_);
    relayed_received_.clear();
    relayed_received_.reserve(relayed_.datagrams.size());
    for (const RelayedInbox::Datagram& each : relayed_.datagrams) {
        const MutableBytes datagram = MutableBytes(relayed_.bytes).subspan(each.offset, each.size);
        relayed_received_.push_back({datagram, each.size, {each.from, {}, 0}, 0});
        sort_datagram(relayed_received_.back(), datagram);
    }
    return finish_batch();
}

void Inbound::sort_datagram(const io::Received& received, MutableBytes datagram) {
    const auto type = wire::classify(datagram);
    if (!type) {
        context_.counters.bad_datagram.add();
        return;
    }
    if (*type != wire::MessageType::kTransport) {
        HandshakeDatagram message{.from = received.from, .size = datagram.size(), .bytes = {}};
        std::ranges::copy(datagram, message.bytes.begin());
        if (!context_.handshakes.push(message)) {
            context_.counters.handshake_queue_full.add();
        }
        context_.signal_control();
        return;
    }
    wire::TransportHeader header;
    std::memcpy(&header, datagram.data(), sizeof header);
    wireguard::Session* session = context_.forwarding->sessions->find(header.receiver_index);
    if (session == nullptr || session->owner_shard() != context_.index ||
        session->expired(context_.now)) {
        context_.counters.no_session.add();
        return;
    }
    if (opening_ != session || job_count_ == jobs_.size()) {
        open_queued();
        opening_ = session;
    }
    std::uint8_t* ciphertext = datagram.data() + sizeof header;
    jobs_[job_count_] = {
        .ciphertext = ciphertext,
        .plaintext = ciphertext,
        .plaintext_size = datagram.size() - wire::kTransportOverhead,
        .counter = header.counter,
        .authentic = false,
    };
    sealed_[job_count_] = {session, &received};
    ++job_count_;
}

void Inbound::open_queued() {
    if (job_count_ == 0) {
        return;
    }
    context_.aead->open(opening_->receive_key(), {jobs_.data(), job_count_});
    for (std::size_t index = 0; index < job_count_; ++index) {
        deliver(sealed_[index], jobs_[index]);
    }
    job_count_ = 0;
}

void Inbound::deliver(const Sealed& sealed, const crypto::OpenJob& job) {
    if (!job.authentic) {
        context_.counters.not_authentic.add();
        return;
    }
    wireguard::Session& session = *sealed.session;
    // Paper 5.4.6: the window is checked only after the tag verified, so a forger cannot move it.
    if (!session.accept_counter(job.counter)) {
        context_.counters.replayed.add();
        return;
    }
    note_authentic(session, *sealed.received, job);
    if (job.plaintext_size == 0) {
        context_.counters.keepalives_in.add();
        return;
    }
    const auto ip = wire::parse_ip({job.plaintext, job.plaintext_size});
    if (!ip) {
        take_control(session.path(), sealed.received->from, {job.plaintext, job.plaintext_size});
        return;
    }
    if (session.control_only()) {
        context_.counters.control_only.add();
        return;
    }
    if (context_.forwarding->allowed_ips->find(ip->source) != &session.path()) {
        context_.counters.source_not_allowed.add();
        return;
    }
    const MutableBytes packet{job.plaintext, ip->total_size};
    // What the policy refuses is worth a look, too.
    context_.tap.copy(TapDirection::kIn, packet, *ip, context_.now);
    if (!context_.access.admits(packet, *ip)) {
        context_.counters.policy_denied.add();
        return;
    }
    if (!session.path().allowance.lets_in(packet.size(), context_.now)) {
        context_.counters.over_allowance.add();
        return;
    }
    constexpr std::uint8_t kEcnMask = 3;
    if ((sealed.received->tos & kEcnMask) == static_cast<std::uint8_t>(wire::Ecn::kCe)) {
        wire::mark_congestion(packet);
    }
    context_.counters.packets_in.add();
    write_later(packet, *ip);
}

// What two nodes say to each other; see wire/control_frame.h.
void Inbound::take_control(
    const wireguard::PeerPath& path, const wire::Endpoint& from, MutableBytes inner
) {
    if (const auto relayed = wire::parse_relay_frame(inner)) {
        take_relay_frame(path, *relayed, inner);
        return;
    }
    const auto frame = wire::parse_control_frame(inner);
    if (!frame) {
        context_.counters.bad_inner_packet.add();
        return;
    }
    ControlDatagram datagram{
        .peer = path.id,
        .kind = frame->kind,
        .from = from.remote,
        .size = frame->payload.size(),
        .bytes = {},
    };
    std::ranges::copy(frame->payload, datagram.bytes.begin());
    if (context_.controls.push(datagram)) {
        context_.counters.control_in.add();
    } else {
        context_.counters.control_queue_full.add();
    }
    context_.signal_control();
}

// Only from whom it says, and only to a member: nobody can make a relay send anywhere else.
void Inbound::take_relay_frame(
    const wireguard::PeerPath& path, const wire::RelayFrame& frame, MutableBytes inner
) {
    const wireguard::RelayTable& relays = *context_.forwarding->relays;
    if (relays.self == 0 || relays.find(frame.sender()) != &path) {
        context_.counters.bad_relay_frame.add();
        return;
    }
    const bool arrived = frame.header.passed == frame.header.route.count();
    if (arrived && frame.header.destination == relays.self) {
        take_relayed(frame, inner.subspan(wire::kRelayHeaderSize, frame.datagram_size));
        return;
    }
    const wire::HopId ours =
        frame.header.passed == 0 ? frame.header.route.first : frame.header.route.second;
    wireguard::PeerPath* next = relays.find(frame.next());
    if (arrived || !relays.willing || ours != relays.self || next == nullptr) {
        context_.counters.bad_relay_frame.add();
        return;
    }
    if (!relay_share_.take(frame.sender(), frame.datagram_size, context_.now)) {
        context_.counters.relay_over_share.add();
        return;
    }
    wire::pass_relay_frame(inner.data());
    outbound_.relay(*next, inner.first(wire::kRelayHeaderSize + frame.datagram_size));
}

void Inbound::take_relayed(const wire::RelayFrame& frame, MutableBytes datagram) {
    const wire::SocketAddress from = wire::relay_endpoint(frame.header.route.reversed());
    const auto type = wire::classify(datagram);
    if (!type) {
        context_.counters.bad_datagram.add();
        return;
    }
    if (*type != wire::MessageType::kTransport) {
        HandshakeDatagram message{.from = {from, {}, 0}, .size = datagram.size(), .bytes = {}};
        std::ranges::copy(datagram, message.bytes.begin());
        if (!context_.handshakes.push(message)) {
            context_.counters.handshake_queue_full.add();
        }
        context_.signal_control();
        return;
    }
    wire::TransportHeader header;
    std::memcpy(&header, datagram.data(), sizeof header);
    const wireguard::Session* session = context_.forwarding->sessions->find(header.receiver_index);
    if (session == nullptr) {
        context_.counters.no_session.add();
        return;
    }
    if (!context_.inboxes[session->owner_shard()]->add(datagram, from)) {
        context_.counters.relayed_inbox_full.add();
    }
}

void Inbound::note_authentic(
    wireguard::Session& session, const io::Received& received, const crypto::OpenJob& job
) {
    const std::size_t inner_size = job.plaintext_size;
    wireguard::PeerPath& path = session.path();
    if (settling_ != &path) {
        settle_received();
        settling_ = &path;
    }
    settling_bytes_ += inner_size + wire::kTransportOverhead;
    if (path.activity.on_received(context_.now, inner_size > 0)) {
        context_.report(path, {.event = wireguard::PathEvent::kActive});
    }
    if (!session.confirmed.load(std::memory_order_relaxed)) {
        session.confirmed.store(true, std::memory_order_relaxed);
        context_.report(
            path, {.event = wireguard::PathEvent::kConfirmed, .local_index = session.local_index()}
        );
    }
    // Control frames try out ways; whoever runs the mesh says which one is taken.
    const bool control = inner_size > 0 && job.plaintext[0] == wire::kControlFrameMark;
    const wire::Endpoint* known = path.destination(context_.index);
    if (known == nullptr ||
        (*known != received.from && !control && wireguard::may_roam(known, received.from))) {
        path.hear_from(received.from);
        context_.report(path, {.event = wireguard::PathEvent::kRoamed, .endpoint = received.from});
        known = path.destination(context_.index);
    }
    if (known != nullptr && known->remote == received.from.remote) {
        path.activity.last_received_here_ns.store(context_.now.ns, std::memory_order_relaxed);
    }
    if (session.wants_rekey_after_receive(context_.now)) {
        context_.report(path, {.event = wireguard::PathEvent::kWantsHandshake});
    }
}

void Inbound::settle_received() {
    if (settling_ != nullptr) {
        settling_->received_bytes.fetch_add(settling_bytes_, std::memory_order_relaxed);
        settling_ = nullptr;
        settling_bytes_ = 0;
    }
}

void Inbound::write_later(MutableBytes packet, const wire::IpPacket& ip) {
    const bool mergeable = ip.protocol == wire::kProtocolTcp   ? merge_tcp_
                           : ip.protocol == wire::kProtocolUdp ? merge_udp_
                                                               : false;
    const auto candidate = mergeable ? wire::merge_candidate(packet.data(), ip) : std::nullopt;
    if (!candidate) {
        new_run(packet);
        return;
    }
    // Newest first: behind an older run of the flow there may be one that ended it.
    for (std::size_t index = run_count_; index-- > 0;) {
        WriteRun& run = (*runs_)[index];
        if (!run.merge || !run.merge->same_flow(*candidate)) {
            continue;
        }
        if (run.merge->append(*candidate)) {
            run.parts[run.part_count++] = {
                packet.data() + candidate->header_size, candidate->payload_size
            };
            return;
        }
        break;
    }
    WriteRun& run = new_run(packet);
    run.merge.emplace(*candidate);
    run.header_size = candidate->header_size;
}

Inbound::WriteRun& Inbound::new_run(MutableBytes packet) {
    if (run_count_ == kWriteRunsMax) {
        flush_writes();
    }
    WriteRun& run = (*runs_)[run_count_++];
    run.merge.reset();
    run.part_count = 2;
    run.parts[1] = {packet.data(), packet.size()};
    return run;
}

void Inbound::flush_writes() {
    for (std::size_t index = 0; index < run_count_; ++index) {
        write_run((*runs_)[index]);
    }
    run_count_ = 0;
}

void Inbound::write_run(WriteRun& run) {
    wire::VnetHeader offload;
    std::array<std::uint8_t, wire::kMergeHeaderSizeMax> original_header;
    auto* first = static_cast<std::uint8_t*>(run.parts[1].iov_base);
    const bool merged = run.merge && run.merge->count() > 1;
    if (merged) {
        std::memcpy(original_header.data(), first, run.header_size);
        offload = run.merge->finish();
    }
    run.parts[0] = {&offload, sizeof offload};
    context_.counters.tun_writes.add();
    const int error = context_.tun.write({run.parts.data(), run.part_count});
    if (merged && error == EINVAL) {
        // This kernel takes the offload flag but not such packets: never again, and none is lost.
        (offload.gso_type == static_cast<std::uint8_t>(wire::GsoType::kUdpL4) ? merge_udp_
                                                                              : merge_tcp_) = false;
        context_.counters.merge_refused.add();
        std::memcpy(first, original_header.data(), run.header_size);
        write_singly(run);
        return;
    }
    check_write(error);
}

// Each packet is still whole where it was opened: its header stands in front of its payload.
void Inbound::write_singly(WriteRun& run) {
    write_packet({static_cast<std::uint8_t*>(run.parts[1].iov_base), run.parts[1].iov_len});
    for (std::size_t index = 2; index < run.part_count; ++index) {
        const iovec& part = run.parts[index];
        write_packet({
            static_cast<std::uint8_t*>(part.iov_base) - run.header_size,
            part.iov_len + run.header_size,
        });
    }
}

void Inbound::write_packet(MutableBytes packet) {
    wire::VnetHeader offload = kNoOffload;
    const std::array<iovec, 2> parts{{
        {&offload, sizeof offload},
        {packet.data(), packet.size()},
    }};
    context_.counters.tun_writes.add();
    check_write(context_.tun.write(parts));
}

void Inbound::check_write(int error) {
    if (error == EBADFD) {
        tun_gone_ = true;
    } else if (error != 0) {
        context_.counters.tun_write_failed.add();
    }
}

}  // namespace phantom::dataplane
