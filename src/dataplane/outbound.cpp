// Packet out:
//   1. read a batch from the TUN                                        run
//   2. parse, find the peer by the inner destination and its session,
//      tap                                                              forward
//      (no session: stage the packet, ask for a handshake)
//   3. cut a super-packet into segments where it lies                   seal_super_packet
//   4. give each packet its place in the send arena, next to the last   place
//   5. counter and seal, in bursts, from the TUN buffer into the arena  queue_seal, seal_queued
//   6. what goes over a relay is sealed once more, where it lies        wrap_relayed
//   7. one batched send, one GSO run per peer and size                  flush
//
// Each payload byte is read by the checksum and by the AEAD, and written by the AEAD alone.

#include "dataplane/outbound.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "wireguard/session.h"

namespace phantom::dataplane {

namespace {

// Behind each packet in the read arena: its padding is written there.
constexpr std::size_t kTailRoom = 64;
constexpr std::size_t kArenaAlignment = 64;

constexpr std::size_t round_up(std::size_t size, std::size_t multiple) {
    return (size + multiple - 1) / multiple * multiple;
}

}  // namespace

Outbound::Outbound(ShardContext& context)
    : context_(context),
      read_arena_(std::make_unique_for_overwrite<std::uint8_t[]>(kReadArenaSize)),
      send_arena_(std::make_unique_for_overwrite<std::uint8_t[]>(kSendArenaSize)) {}

Result<bool> Outbound::run() {
    std::size_t used = 0;
    bool more = true;
    for (std::size_t count = 0; count < kReadBatchPackets; ++count) {
        // The packet, not the VnetHeader before it, is what gets aligned.
        std::uint8_t* slot = read_arena_.get() + used + kArenaAlignment - wire::kVnetHeaderSize;
        if (used + kArenaAlignment + io::kTunPacketSizeMax + kTailRoom > kReadArenaSize) {
            break;
        }
        context_.counters.tun_reads.add();
        const std::size_t size = PM_TRY(context_.tun.read({slot, io::kTunReadSizeMax}));
        if (size == 0) {
            more = false;
            break;
        }
        if (size > wire::kVnetHeaderSize) {
            forward({slot, size});
        }
        used = round_up(used + kArenaAlignment + size + kTailRoom, kArenaAlignment);
    }
    flush();
    return more;
}

void Outbound::forward(MutableBytes read) {
    wire::VnetHeader offload;
    std::memcpy(&offload, read.data(), sizeof offload);
    const MutableBytes packet = read.subspan(wire::kVnetHeaderSize);
    const auto ip = wire::parse_ip(packet);
    if (!ip) {
        context_.counters.bad_inner_packet.add();
        return;
    }
    wireguard::PeerPath* path = context_.forwarding->allowed_ips->find(ip->destination);
    if (path == nullptr) {
        context_.counters.no_peer.add();
        return;
    }
    if (!path->allowance.lets_out()) {
        context_.counters.over_allowance.add();
        return;
    }
    context_.access.note_sent(packet.first(ip->total_size), *ip);
    context_.tap.copy(TapDirection::kOut, packet.first(ip->total_size), *ip, context_.now);
    wireguard::Session* session = path->sending.load(std::memory_order_acquire);
    const wire::Endpoint* endpoint = path->destination(context_.index);
    if (session == nullptr || endpoint == nullptr || context_.udp == nullptr ||
        session->expired(context_.now)) {
        stage(*path, read);
        context_.report(*path, {.event = wireguard::PathEvent::kWantsHandshake});
        return;
    }
    if (session->control_only()) {
        stage(*path, read);  // the session it waits for is being agreed on this one
        return;
    }
    // RFC 6040: the inner ECN field goes out; the DSCP stays inside.
    Target target{path, session, endpoint, static_cast<std::uint8_t>(ip->ecn)};
    if (wire::is_relay(endpoint->remote) && !go_over_relay(target)) {
        context_.counters.no_relay.add();
        return;
    }
    if (offload.gso_type != 0) {
        seal_super_packet(target, offload, packet.first(ip->total_size));
        return;
    }
    if ((offload.flags & wire::kVnetNeedsChecksum) != 0 &&
        !wire::finish_checksum(offload, *ip, packet.first(ip->total_size))) {
        context_.counters.bad_inner_packet.add();
        return;
    }
    const std::size_t plaintext_size = padded_size(ip->total_size);
    std::memset(packet.data() + ip->total_size, 0, plaintext_size - ip->total_size);
    if (make_room(1, plaintext_size)) {
        if (const auto counter = session->reserve_counters(1)) {
            std::uint8_t* datagram = place(target, plaintext_size);
            queue_seal(target, packet.data(), datagram, plaintext_size, *counter);
        }
    }
}

// A relay may carry what is for us only while it has a direct way itself: frames are never nested.
bool Outbound::go_over_relay(Target& target) {
    target.route = wire::relay_route(target.endpoint->remote.address);
    target.via = context_.forwarding->relays->find(target.route.first);
    if (target.via == nullptr) {
        return false;
    }
    const wireguard::Session* session = target.via->sending.load(std::memory_order_acquire);
    target.endpoint = target.via->destination(context_.index);
    // Congestion marks would end at the relay: without them routers drop instead (RFC 6040).
    target.tos = 0;
    return session != nullptr && !session->expired(context_.now) && target.endpoint != nullptr &&
           !wire::is_relay(target.endpoint->remote);
}

void Outbound::relay(wireguard::PeerPath& next, MutableBytes frame) {
    wireguard::Session* session = next.sending.load(std::memory_order_acquire);
    const wire::Endpoint* endpoint = next.destination(context_.index);
    const bool usable = session != nullptr && !session->expired(context_.now) &&
                        endpoint != nullptr && !wire::is_relay(endpoint->remote) &&
                        context_.udp != nullptr;
    if (!usable) {
        context_.counters.no_relay.add();
        return;
    }
    const std::size_t plaintext_size = round_up(frame.size(), wireguard::kPaddingMultiple);
    if (!make_room(1, plaintext_size)) {
        return;
    }
    const auto counter = session->reserve_counters(1);
    if (!counter) {
        return;
    }
    std::memset(frame.data() + frame.size(), 0, plaintext_size - frame.size());
    const Target target{&next, session, endpoint, 0};
    queue_seal(target, frame.data(), place(target, plaintext_size), plaintext_size, *counter);
    context_.counters.relayed.add();
}

void Outbound::stage(const wireguard::PeerPath& path, MutableBytes read) {
    context_.counters.staged.add();
    if (!staging_.add(path.id, read)) {
        context_.counters.staging_overflow.add();
    }
}

std::size_t Outbound::padded_size(std::size_t size) const {
    // Paper 5.4.6: padded to 16, but never past the MTU.
    const std::size_t padded = round_up(size, wireguard::kPaddingMultiple);
    return size > context_.mtu ? size : std::min<std::size_t>(padded, context_.mtu);
}

void Outbound::seal_super_packet(
    const Target& target, const wire::VnetHeader& offload, MutableBytes packet
) {
    const auto plan = wire::SegmentPlan::make(offload, packet);
    if (!plan) {
        context_.counters.bad_inner_packet.add();
        return;
    }
    // Headers are written over the end of the segment before, padding over the start of the next:
    // that needs segments longer than both together.
    const std::size_t overlap = plan->header_size() + wireguard::kPaddingMultiple;
    if (plan->count() > 1 && plan->payload_size(0) < overlap) {
        seal_copied_segments(target, *plan, packet.data());
        return;
    }
    for (std::size_t begin = 0; begin < plan->count(); begin += kSegmentChunk) {
        const std::size_t end = std::min(plan->count(), begin + kSegmentChunk);
        seal_chunk(target, *plan, packet.data(), begin, end);
    }
}

void Outbound::seal_chunk(
    const Target& target, const wire::SegmentPlan& plan, std::uint8_t* packet, std::size_t begin,
    std::size_t end
) {
    const std::size_t count = end - begin;
    const std::size_t plaintext_size_max =
        padded_size(plan.header_size() + plan.payload_size(begin));
    if (!make_room(count, plaintext_size_max)) {
        return;
    }
    const auto first_counter = target.session->reserve_counters(static_cast<std::uint32_t>(count));
    if (!first_counter) {
        return;
    }
    std::array<std::uint8_t*, kSegmentChunk> datagrams;
    for (std::size_t index = begin; index < end; ++index) {
        const std::size_t size = padded_size(plan.header_size() + plan.payload_size(index));
        datagrams[index - begin] = place(target, size);
    }
    seal_queued();
    // Two passes. A segment's header overlays the end of the segment before it and its padding the
    // start of the next one, so neighbours are never sealed in one burst: first the even ones, with
    // what they overlay saved and put back, then the odd ones, whose neighbours are done.
    for (const std::size_t parity : {std::size_t{0}, std::size_t{1}}) {
        for (std::size_t index = begin + parity; index < end; index += 2) {
            const std::size_t payload_size = plan.payload_size(index);
            std::uint8_t* payload = packet + plan.payload_offset(index);
            std::uint8_t* start = payload - plan.header_size();
            std::uint8_t* tail = payload + payload_size;
            const std::size_t size = plan.header_size() + payload_size;
            const std::size_t plaintext_size = padded_size(size);
            if (parity == 0) {
                Saved& saved = saved_[(index - begin) / 2];
                std::memcpy(saved.head.data(), start, plan.header_size());
                std::memcpy(saved.tail.data(), tail, plaintext_size - size);
            }
            plan.write_header(index, {payload, payload_size}, start);
            std::memset(tail, 0, plaintext_size - size);
            queue_seal(
                target, start, datagrams[index - begin], plaintext_size,
                *first_counter + (index - begin)
            );
        }
        seal_queued();
        for (std::size_t index = begin; parity == 0 && index < end; index += 2) {
            const Saved& saved = saved_[(index - begin) / 2];
            const std::size_t size = plan.header_size() + plan.payload_size(index);
            std::uint8_t* start = packet + plan.payload_offset(index) - plan.header_size();
            std::memcpy(start + size, saved.tail.data(), padded_size(size) - size);
            std::memcpy(start, saved.head.data(), plan.header_size());
        }
    }
}

// Segments so short that a header covers more than its neighbour: rare, so each is put together in
// its place and sealed there.
void Outbound::seal_copied_segments(
    const Target& target, const wire::SegmentPlan& plan, const std::uint8_t* packet
) {
    for (std::size_t index = 0; index < plan.count(); ++index) {
        const std::size_t size = plan.header_size() + plan.payload_size(index);
        const std::size_t plaintext_size = padded_size(size);
        if (!make_room(1, plaintext_size)) {
            return;
        }
        const auto counter = target.session->reserve_counters(1);
        if (!counter) {
            return;
        }
        std::uint8_t* datagram = place(target, plaintext_size);
        std::uint8_t* plaintext = datagram + sizeof(wire::TransportHeader);
        std::uint8_t* payload = plaintext + plan.header_size();
        std::memcpy(payload, packet + plan.payload_offset(index), plan.payload_size(index));
        plan.write_header(index, {payload, plan.payload_size(index)}, plaintext);
        std::memset(plaintext + size, 0, plaintext_size - size);
        queue_seal(target, plaintext, datagram, plaintext_size, *counter);
    }
}

// Sends what is there when `count` more datagrams would not fit, so that nothing placed after this
// is sent before it is sealed. False: a datagram larger than UDP carries.
bool Outbound::make_room(std::size_t count, std::size_t plaintext_size_max) {
    const std::size_t size =
        wire::relayed_plaintext_size(plaintext_size_max + wire::kTransportOverhead) +
        wire::kTransportOverhead;
    if (size > io::kDatagramSizeMax) {
        context_.counters.bad_inner_packet.add();
        return false;
    }
    if (send_used_ + count * size > kSendArenaSize || run_count_ + count > kRunsMax) {
        flush();
    }
    return true;
}

// The place of one datagram, part of the last run when it fits there. The caller made room, and
// seals into every place it took.
std::uint8_t* Outbound::place(const Target& target, std::size_t plaintext_size) {
    const std::size_t own_size = plaintext_size + wire::kTransportOverhead;
    const bool relayed = target.via != nullptr;
    const std::size_t size =
        relayed ? wire::relayed_plaintext_size(own_size) + wire::kTransportOverhead : own_size;
    PM_ASSERT(send_used_ + size <= kSendArenaSize);
    PM_ASSERT(run_count_ < kRunsMax);
    std::uint8_t* outer = send_arena_.get() + send_used_;
    std::uint8_t* datagram = outer;
    send_used_ += size;
    if (relayed) {
        std::uint8_t* frame = outer + sizeof(wire::TransportHeader);
        wire::write_relay_header(
            {.origin = context_.forwarding->relays->self,
             .route = target.route,
             .destination = target.path->hop.load(std::memory_order_relaxed),
             .passed = 0},
            own_size, frame
        );
        datagram = frame + wire::kRelayHeaderSize;
        const std::size_t padding =
            size - wire::kTransportOverhead - wire::kRelayHeaderSize - own_size;
        std::memset(datagram + own_size, 0, padding);
    }
    if (run_count_ > 0) {
        io::SendRun& last = runs_[run_count_ - 1];
        const io::Offloads offloads = context_.udp->offloads();
        const bool open = last.size == last.segment_size * last.segment_count;
        const RunOwner& owner = run_owners_[run_count_ - 1];
        if (offloads.gso && open && owner.path == target.path && owner.via == target.via &&
            last.tos == target.tos && last.to == target.endpoint && size <= last.segment_size &&
            last.segment_count < offloads.gso_segments_max &&
            last.size + size <= io::kDatagramSizeMax) {
            last.size += size;
            ++last.segment_count;
            return datagram;
        }
    }
    runs_[run_count_] = {outer, size, size, 1, target.endpoint, target.tos};
    run_owners_[run_count_] = {target.path, target.session, target.via};
    ++run_count_;
    return datagram;
}

void Outbound::queue_seal(
    const Target& target, const std::uint8_t* plaintext, std::uint8_t* datagram,
    std::size_t plaintext_size, std::uint64_t counter
) {
    if (sealing_ != target.session || job_count_ == jobs_.size()) {
        seal_queued();
        sealing_ = target.session;
    }
    const wire::TransportHeader header{
        .type = static_cast<std::uint32_t>(wire::MessageType::kTransport),
        .receiver_index = target.session->remote_index(),
        .counter = counter,
    };
    std::memcpy(datagram, &header, sizeof header);
    jobs_[job_count_++] = {plaintext, datagram + sizeof header, plaintext_size, counter};
}

void Outbound::seal_queued() {
    if (job_count_ > 0) {
        context_.aead->seal(sealing_->send_key(), {jobs_.data(), job_count_});
        job_count_ = 0;
    }
}

// The datagrams of a run are sealed; now the relay's session around each. False: it cannot be done,
// and the run must not be sent.
bool Outbound::wrap_run(const io::SendRun& run, const RunOwner& owner) {
    wireguard::Session* session = owner.via->sending.load(std::memory_order_acquire);
    if (session == nullptr) {
        return false;
    }
    const auto first = session->reserve_counters(static_cast<std::uint32_t>(run.segment_count));
    if (!first) {
        return false;
    }
    const Target target{owner.via, session, run.to, run.tos};
    for (std::size_t index = 0; index < run.segment_count; ++index) {
        std::uint8_t* outer =
            send_arena_.get() + (run.data - send_arena_.get()) + index * run.segment_size;
        const std::size_t size = std::min(run.segment_size, run.size - index * run.segment_size);
        queue_seal(
            target, outer + sizeof(wire::TransportHeader), outer, size - wire::kTransportOverhead,
            *first + index
        );
    }
    owner.via->sent_bytes.fetch_add(run.size, std::memory_order_relaxed);
    if (owner.via->activity.on_sent(context_.now, true)) {
        context_.report(*owner.via, {.event = wireguard::PathEvent::kActive});
    }
    if (session->wants_rekey_after_send(context_.now)) {
        context_.report(*owner.via, {.event = wireguard::PathEvent::kWantsHandshake});
    }
    return true;
}

void Outbound::wrap_relayed() {
    std::size_t kept = 0;
    for (std::size_t index = 0; index < run_count_; ++index) {
        if (run_owners_[index].via != nullptr && !wrap_run(runs_[index], run_owners_[index])) {
            context_.counters.no_relay.add(runs_[index].segment_count);
            continue;
        }
        runs_[kept] = runs_[index];
        run_owners_[kept] = run_owners_[index];
        ++kept;
    }
    run_count_ = kept;
    seal_queued();
}

void Outbound::flush() {
    seal_queued();
    wrap_relayed();
    if (run_count_ == 0) {
        send_used_ = 0;
        return;
    }
    context_.udp->send({runs_.data(), run_count_});
    context_.counters.send_runs.add(run_count_);
    for (std::size_t index = 0; index < run_count_; ++index) {
        const auto& [path, session, via] = run_owners_[index];
        context_.counters.packets_out.add(runs_[index].segment_count);
        path->sent_bytes.fetch_add(runs_[index].size, std::memory_order_relaxed);
        if (path->activity.on_sent(context_.now, true)) {
            context_.report(*path, {.event = wireguard::PathEvent::kActive});
        }
        if (session->wants_rekey_after_send(context_.now)) {
            context_.report(*path, {.event = wireguard::PathEvent::kWantsHandshake});
        }
    }
    run_count_ = 0;
    send_used_ = 0;
}

void Outbound::send_staged(wireguard::PeerId peer) {
    for (const auto& packet : staging_.take(peer)) {
        std::uint8_t* slot = read_arena_.get() + kArenaAlignment - wire::kVnetHeaderSize;
        std::ranges::copy(packet, slot);
        forward({slot, packet.size()});
        flush();
    }
}

}  // namespace phantom::dataplane
