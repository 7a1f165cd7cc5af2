#include "detect/tcp_tracker.h"

namespace phantom::detect {

namespace {

std::uint32_t payload_size(const Packet& packet) {
    return static_cast<std::uint32_t>(packet.payload.size());
}

void begin_stream(StreamSide& stream, std::uint32_t sequence) {
    if (!stream.has_begun()) {
        stream.begin(sequence);
    }
}

// A SYN, from either side: also from both, where a handshake is split or simultaneous.
bool on_syn(Flow& flow, const Packet& packet, Direction from, const TcpOptions& options) {
    StreamSide& own = flow.stream(from);
    const bool answers = packet.tcp.has(kTcpAckFlag);
    if (flow.state == TcpState::kNone) {
        if (answers && !options.midstream) {
            return false;
        }
        if (answers) {
            // The first that was seen is the answer: it comes from the server.
            std::swap(flow.client, flow.server);
            std::swap(flow.client_port, flow.server_port);
            begin_stream(flow.stream(Direction::kToClient), packet.tcp.sequence + 1);
            begin_stream(flow.stream(Direction::kToServer), packet.tcp.acknowledgement);
            flow.state = TcpState::kSynReceived;
            return false;
        }
        flow.state = TcpState::kSynSent;
    }
    if (flow.state >= TcpState::kEstablished) {
        return false;
    }
    if (own.has_begun() && own.in_order() == 0 && !answers) {
        own.begin(packet.tcp.sequence + 1);  // sent again with another number
    }
    begin_stream(own, packet.tcp.sequence + 1);
    if (answers) {
        flow.stream(opposite(from)).acknowledge(packet.tcp.acknowledgement);
        flow.state = TcpState::kSynReceived;
    }
    // RFC 7413: data may come with the SYN.
    return !packet.payload.empty() && own.add(packet.tcp.sequence + 1, packet.payload);
}

// RFC 5961 section 3: only what is expected next, or lies in a window behind it, ends a connection.
bool is_credible_reset(const StreamSide& stream, const Packet& packet) {
    constexpr std::uint64_t kWindow = 1 << 20;
    const std::uint64_t offset = stream.offset_of(packet.tcp.sequence);
    return !stream.has_begun() || offset <= stream.highest() + kWindow;
}

}  // namespace

bool follow_tcp(Flow& flow, const Packet& packet, const TcpOptions& options) {
    if (!packet.checksum_ok) {
        return false;
    }
    const Direction from = flow.direction_of(packet);
    StreamSide& own = flow.stream(from);
    StreamSide& other = flow.stream(opposite(from));
    if (packet.tcp.has(kTcpRstFlag)) {
        if (flow.state != TcpState::kNone && is_credible_reset(own, packet)) {
            if (packet.tcp.has(kTcpAckFlag)) {
                other.acknowledge(packet.tcp.acknowledgement);
            }
            flow.state = TcpState::kClosed;
            flow.was_reset = true;
        }
        return false;
    }
    if (packet.tcp.has(kTcpSynFlag)) {
        return on_syn(flow, packet, from, options);
    }
    if (flow.state == TcpState::kNone) {
        if (!options.midstream) {
            return false;
        }
        begin_stream(own, packet.tcp.sequence);
        begin_stream(other, packet.tcp.acknowledgement);
        flow.state = TcpState::kEstablished;
    }
    if (!own.has_begun()) {
        return false;
    }
    if (packet.tcp.has(kTcpAckFlag)) {
        other.acknowledge(packet.tcp.acknowledgement);
        if (flow.state == TcpState::kSynReceived) {
            flow.state = TcpState::kEstablished;
        }
    }
    const bool added = !packet.payload.empty() && own.add(packet.tcp.sequence, packet.payload);
    if (packet.tcp.has(kTcpFinFlag)) {
        own.close(packet.tcp.sequence + payload_size(packet));
        flow.state = flow.state == TcpState::kClosing && other.is_closed_at(other.in_order())
                         ? TcpState::kClosed
                         : std::max(flow.state, TcpState::kClosing);
    }
    return added ||
           (!packet.payload.empty() && own.offset_of(packet.tcp.sequence) < own.in_order());
}

}  // namespace phantom::detect
