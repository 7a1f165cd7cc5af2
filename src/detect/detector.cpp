#include "detect/detector.h"

#include "detect/byte_reader.h"

namespace phantom::detect {

namespace {

// Of the first bytes of a stream, to say what it is.
constexpr std::size_t kRecognitionSizeMax = 4096;
// Rules see a stream in parts of this size at least, or to the end of a message.
constexpr std::uint64_t kChunkSize = 2560;

// A connection that is followed from its middle may begin with what a server says.
bool begins_with_answer(const Flow& flow, const Packet& packet) {
    return packet.is_tcp() && flow.application == AppProtocol::kUnknown &&
           flow.packets[0] + flow.packets[1] == 0 && !packet.tcp.has(kTcpSynFlag) &&
           as_text(packet.payload).starts_with("HTTP/1.");
}

}  // namespace

void Detector::packet(const Packet& frame, const Sinks& sinks) {
    ++counters_.frames;
    now_us_ = frame.time_us;
    number_ = frame.number;
    decoder_.decode(frame, [&](const Packet& packet) { handle(packet, sinks); });
}

void Detector::end(const Sinks& sinks) {
    flows_.end_all([&](Flow& flow) { finish(flow, sinks); });
}

void Detector::handle(const Packet& packet, const Sinks& sinks) {
    ++counters_.packets;
    if (packet.is_ip() && packet.has_transport && !packet.is_fragment) {
        with_flow(packet, sinks);
    } else {
        inspector_.inspect({.packet = packet, .chunk = {}}, sinks.detection);
    }
}

void Detector::with_flow(const Packet& packet, const Sinks& sinks) {
    Flow& flow = flows_.of(packet, [&](Flow& old) { finish(old, sinks); });
    const bool in_stream = packet.is_tcp() && follow_tcp(flow, packet, options_.tcp);
    if (begins_with_answer(flow, packet)) {
        flow.turn_round();
    }
    const Direction direction = flow.direction_of(packet);
    flow.last_us = packet.time_us;
    ++flow.packets[side(direction)];
    flow.bytes[side(direction)] += packet.frame.size();
    if (packet.is_udp()) {
        feed_datagram(flow, direction, packet.payload);
    } else if (packet.is_tcp() && options_.inline_mode) {
        feed_stream(flow, direction, true);
    } else if (packet.is_tcp()) {
        feed_stream(flow, opposite(direction), false);
    }
    inspect_stream(packet, flow, direction, in_stream, false, sinks);
    report_files(packet, flow, sinks);
    if (flow.parser) {
        flow.parser->transactions().drop_finished();
    }
    flows_.account(flow, [&](Flow& old) { finish(old, sinks); });
}

// Gives the parser what is new, over gaps where the other side does not wait for what is missing.
void Detector::feed_stream(Flow& flow, Direction direction, bool all) {
    StreamSide& stream = flow.stream(direction);
    for (;;) {
        const std::uint64_t until =
            all ? stream.in_order() : std::min(stream.in_order(), stream.acknowledged());
        if (flow.application == AppProtocol::kUnknown) {
            recognise_stream(flow, direction, until);
        }
        if (flow.parser && until > stream.parsed) {
            const ByteView bytes = stream.view(stream.parsed, until);
            stream.parsed = until;
            flow.parser->add(direction, bytes);
        }
        const bool missing = stream.has_early() && stream.acknowledged() > stream.in_order();
        if (!missing) {
            break;
        }
        const std::uint64_t left_out = stream.skip_gap();
        if (flow.parser && left_out > 0) {
            flow.parser->skip(direction, left_out);
        }
    }
    if (flow.application != AppProtocol::kUnknown && !flow.parser) {
        stream.parsed = stream.in_order();
    }
    if (flow.parser && stream.is_closed_at(stream.parsed) &&
        (all || stream.acknowledged() >= stream.parsed)) {
        flow.parser->end(direction);
    }
}

void Detector::recognise_stream(Flow& flow, Direction direction, std::uint64_t until) {
    const StreamSide& stream = flow.stream(direction);
    const ByteView bytes = stream.view(stream.parsed, until);
    if (bytes.empty() || flow.recognition_failed[side(direction)]) {
        return;
    }
    AppProtocol found = recognise(
        {.bytes = bytes.first(std::min(bytes.size(), kRecognitionSizeMax)),
         .direction = direction,
         .over_udp = false,
         .server_port = flow.server_port}
    );
    if (found == AppProtocol::kUnknown && bytes.size() >= kRecognitionSizeMax) {
        found = AppProtocol::kFailed;
    }
    if (found == AppProtocol::kFailed) {
        flow.recognition_failed[side(direction)] = true;
        if (flow.recognition_failed[side(opposite(direction))]) {
            flow.application = AppProtocol::kFailed;
        }
    } else if (found != AppProtocol::kUnknown) {
        flow.application = found;
        flow.parser = make_parser(found, false);
    }
}

void Detector::feed_datagram(Flow& flow, Direction direction, ByteView payload) {
    if (flow.application == AppProtocol::kUnknown && !payload.empty()) {
        const AppProtocol found = recognise(
            {.bytes = payload,
             .direction = direction,
             .over_udp = true,
             .server_port = flow.server_port}
        );
        if (found != AppProtocol::kUnknown && found != AppProtocol::kFailed) {
            flow.application = found;
            flow.parser = make_parser(found, true);
        }
    }
    if (flow.parser) {
        flow.parser->add(direction, payload);
    }
}

// The part of the stream that rules have not seen to its end, and when it ends.
void Detector::inspect_stream(
    const Packet& packet, Flow& flow, Direction direction, bool in_stream, bool ends,
    const Sinks& sinks
) {
    StreamSide& stream = flow.stream(direction);
    const bool all = options_.inline_mode || ends;
    const std::uint64_t until =
        all ? stream.in_order() : std::min(stream.in_order(), stream.acknowledged());
    Sighting sighting{
        .packet = packet,
        .flow = &flow,
        .direction = direction,
        .payload_in_stream = in_stream,
        .chunk = stream.view(stream.inspected, until)
    };
    const bool message_ended =
        flow.parser && flow.parser->transactions().first_open(direction) == nullptr;
    sighting.chunk_ends =
        !sighting.chunk.empty() && (ends || sighting.chunk.size() >= kChunkSize || message_ended ||
                                    flow.state == TcpState::kClosed);
    inspector_.inspect(sighting, [&](const Detection& detection) {
        ++counters_.detections;
        sinks.detection(detection);
    });
    if (sighting.chunk_ends) {
        stream.inspected = until;
    }
    const bool parser_waits = flow.application == AppProtocol::kUnknown || flow.parser != nullptr;
    stream.forget_before(
        parser_waits ? std::min(stream.parsed, stream.inspected) : stream.inspected
    );
}

void Detector::report_files(const Packet& packet, Flow& flow, const Sinks& sinks) const {
    if (!flow.parser || !sinks.file) {
        return;
    }
    for (const auto& transaction : flow.parser->transactions().all()) {
        for (const Direction direction : {Direction::kToServer, Direction::kToClient}) {
            Transaction::Side& there = transaction->of(direction);
            const bool is_file = !transaction->views(BufferId::kFileData, direction).empty();
            if (is_file && !there.file_reported && there.stage == Stage::kComplete) {
                there.file_reported = true;
                sinks.file({packet, flow, *transaction, direction});
            }
        }
    }
}

// The flow is over: both sides say what they have, as if everything had been acknowledged.
void Detector::finish(Flow& flow, const Sinks& sinks) {
    if (flow.protocol != kIpTcp || flow.state == TcpState::kNone) {
        return;
    }
    for (const Direction direction : {Direction::kToServer, Direction::kToClient}) {
        feed_stream(flow, direction, true);
        if (flow.parser) {
            flow.parser->end(direction);
        }
    }
    for (const Direction direction : {Direction::kToServer, Direction::kToClient}) {
        const bool up = direction == Direction::kToServer;
        Packet last;
        last.time_us = std::max(now_us_, flow.last_us);
        last.number = number_;
        last.origin = Packet::Origin::kFlowEnd;
        last.network = flow.client.family == wire::Family::kV4 ? Packet::Network::kIpv4
                                                               : Packet::Network::kIpv6;
        last.source = up ? flow.client : flow.server;
        last.destination = up ? flow.server : flow.client;
        last.source_port = up ? flow.client_port : flow.server_port;
        last.destination_port = up ? flow.server_port : flow.client_port;
        last.protocol = flow.protocol;
        last.has_transport = true;
        last.tcp.flags = kTcpAckFlag;
        inspect_stream(last, flow, direction, false, true, sinks);
        report_files(last, flow, sinks);
    }
}

}  // namespace phantom::detect
