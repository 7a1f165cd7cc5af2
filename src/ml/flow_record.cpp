#include "ml/flow_record.h"

#include <algorithm>

#include "wire/ip.h"

namespace phantom::ml {

namespace {

constexpr double kUsPerSecond = 1e6;
constexpr std::uint16_t kWellKnownPorts = 1'024;

// That it comes from who was asked, though it is the first that was seen.
bool is_answer(const PacketFacts& first) {
    if (first.protocol == wire::kProtocolTcp && first.has(kFlagSyn)) {
        return first.has(kFlagAck);
    }
    return first.source_port != 0 && first.source_port < kWellKnownPorts &&
           first.destination_port >= kWellKnownPorts;
}

FlowState first_state(const PacketFacts& first) {
    if (first.protocol != wire::kProtocolTcp) {
        return FlowState::kNotTcp;
    }
    return first.has(kFlagSyn) ? FlowState::kAsked : FlowState::kMidstream;
}

}  // namespace

std::string_view name_of(FlowState state) {
    static constexpr std::array<std::string_view, 8> kNames{
        "not-tcp", "asked", "answered", "established", "closing", "closed", "reset", "midstream",
    };
    return kNames[static_cast<std::size_t>(state)];
}

FlowRecord::FlowRecord(const PacketFacts& first, RecentCounts recent)
    : client_(first.source),
      server_(first.destination),
      client_port_(first.source_port),
      server_port_(first.destination_port),
      protocol_(first.protocol),
      state_(first_state(first)),
      recent_(recent),
      begun_us_(first.time_us),
      last_us_(first.time_us) {
    if (is_answer(first)) {
        std::swap(client_, server_);
        std::swap(client_port_, server_port_);
    }
}

void FlowRecord::add(const PacketFacts& packet) {
    const bool is_forward = packet.source == client_ && packet.source_port == client_port_;
    Side& side = sides_[is_forward ? 0 : 1];
    const bool is_first_answer =
        !is_forward && side.sizes.count() == 0 && sides_[0].sizes.count() > 0;
    if (is_first_answer) {
        answer_delay_us_ = std::max<std::int64_t>(packet.time_us - begun_us_, 0);
    }
    if (is_forward && first_payload_ == 0) {
        first_payload_ = packet.payload;
    }
    if (protocol_ == wire::kProtocolTcp) {
        follow_tcp(packet, is_forward);
    }
    count(side, packet);
    // A clock that goes back makes no time negative.
    last_us_ = std::max(last_us_, packet.time_us);
}

void FlowRecord::count(Side& side, const PacketFacts& packet) const {
    if (side.sizes.count() > 0) {
        const std::int64_t gap_us = std::max<std::int64_t>(packet.time_us - side.last_us, 0);
        side.gaps_s.add(static_cast<double>(gap_us) / kUsPerSecond);
        side.ttl = std::min(side.ttl, packet.ttl);
    } else {
        side.ttl = packet.ttl;
        side.window = packet.window;
    }
    if (protocol_ == wire::kProtocolTcp) {
        note_repeated(side, packet);
    }
    side.last_us = packet.time_us;
    side.sizes.add(packet.size);
    side.bytes += packet.size;
    side.payload += packet.payload;
    side.flags |= packet.flags;
}

// RFC 9293 3.4: sequence numbers go round, so what is ahead is told by the sign of the distance. SYN and
// FIN take one each.
void FlowRecord::note_repeated(Side& side, const PacketFacts& packet) {
    const std::uint32_t length =
        packet.payload + (packet.has(kFlagSyn) ? 1U : 0U) + (packet.has(kFlagFin) ? 1U : 0U);
    const std::uint32_t end = packet.sequence + length;
    const bool is_first = side.sizes.count() == 0;
    if (!is_first && length > 0 && static_cast<std::int32_t>(end - side.highest) <= 0) {
        ++side.repeated;
    }
    if (is_first || static_cast<std::int32_t>(end - side.highest) > 0) {
        side.highest = end;
    }
}

void FlowRecord::follow_tcp(const PacketFacts& packet, bool is_forward) {
    using enum FlowState;
    syn_ += packet.has(kFlagSyn) ? 1 : 0;
    fin_ += packet.has(kFlagFin) ? 1 : 0;
    reset_ += packet.has(kFlagReset) ? 1 : 0;
    push_ += packet.has(kFlagPush) ? 1 : 0;
    if (packet.has(kFlagReset)) {
        state_ = kReset;
        return;
    }
    if (state_ == kAsked && !is_forward && packet.has(kFlagSyn | kFlagAck)) {
        state_ = kAnswered;
        answered_us_ = packet.time_us;
    } else if (state_ == kAnswered && is_forward && packet.has(kFlagAck) && !packet.has(kFlagSyn)) {
        state_ = kEstablished;
        handshake_us_ = std::max<std::int64_t>(packet.time_us - answered_us_, 0);
    }
    if (packet.has(kFlagFin) && state_ != kReset) {
        sides_[is_forward ? 0 : 1].is_closed = true;
        state_ = sides_[0].is_closed && sides_[1].is_closed ? kClosed : kClosing;
    }
}

void FlowRecord::fill(const Side& side, bool is_forward, Features& features) {
    using enum Feature;
    const auto put = [&](Feature forward, Feature backward, double value) {
        features[is_forward ? forward : backward] = value;
    };
    put(kPacketsForward, kPacketsBackward, static_cast<double>(side.sizes.count()));
    put(kBytesForward, kBytesBackward, static_cast<double>(side.bytes));
    put(kPayloadForward, kPayloadBackward, static_cast<double>(side.payload));
    put(kSizeMeanForward, kSizeMeanBackward, side.sizes.mean());
    put(kSizeDeviationForward, kSizeDeviationBackward, side.sizes.deviation());
    put(kSizeMinForward, kSizeMinBackward, side.sizes.min());
    put(kSizeMaxForward, kSizeMaxBackward, side.sizes.max());
    put(kGapMeanForward, kGapMeanBackward, side.gaps_s.mean());
    put(kGapDeviationForward, kGapDeviationBackward, side.gaps_s.deviation());
    put(kGapMaxForward, kGapMaxBackward, side.gaps_s.max());
    put(kTtlForward, kTtlBackward, side.ttl);
    put(kFlagsForward, kFlagsBackward, side.flags);
    put(kWindowForward, kWindowBackward, side.window);
    put(kRepeatedForward, kRepeatedBackward, side.repeated);
}

Features FlowRecord::features() const {
    using enum Feature;
    Features features;
    fill(sides_[0], true, features);
    fill(sides_[1], false, features);
    const double duration_s = static_cast<double>(last_us_ - begun_us_) / kUsPerSecond;
    const double packets = features[kPacketsForward] + features[kPacketsBackward];
    const double bytes = features[kBytesForward] + features[kBytesBackward];
    features[kProtocol] = protocol_;
    features[kPortForward] = client_port_;
    features[kPortBackward] = server_port_;
    features[kState] = static_cast<double>(state_);
    features[kDuration] = duration_s;
    features[kPacketRate] = duration_s > 0 ? packets / duration_s : 0;
    features[kByteRate] = duration_s > 0 ? bytes / duration_s : 0;
    features[kForwardShare] = bytes > 0 ? features[kBytesForward] / bytes : 0;
    features[kSynCount] = syn_;
    features[kFinCount] = fin_;
    features[kResetCount] = reset_;
    features[kPushCount] = push_;
    features[kAnswerDelay] = static_cast<double>(answer_delay_us_) / kUsPerSecond;
    features[kHandshakeDelay] = static_cast<double>(handshake_us_) / kUsPerSecond;
    features[kFirstPayload] = first_payload_;
    features[kRecentSource] = recent_.source;
    features[kRecentDestination] = recent_.destination;
    features[kRecentService] = recent_.service;
    features[kRecentPair] = recent_.pair;
    return features;
}

}  // namespace phantom::ml
