#include "daemon/flow_watch.h"

#include "detect/app_parser.h"
#include "respond/asked_name.h"
#include "wire/transport.h"

namespace phantom::daemon {

namespace {

constexpr std::uint16_t kWellKnownPortMax = 1'023;

bool is_tcp_flow(const policy::Flow& flow) {
    return flow.protocol == wire::kProtocolTcp;
}

Duration patience_with(const WatchedFlow& flow) {
    const bool may_go_on = is_tcp_flow(flow.flow) && flow.state == WatchedFlow::State::kOpen;
    return may_go_on                                 ? kWatchedTcpIdle
           : flow.state == WatchedFlow::State::kOpen ? kWatchedIdle
                                                     : kWatchedLinger;
}

// Names come from whoever sends packets.
std::string plain_name(std::string_view text) {
    std::string name(text);
    for (char& each : name) {
        if (each >= 'A' && each <= 'Z') {
            each = static_cast<char>(each - 'A' + 'a');
        } else if (each <= ' ' || each > '~') {
            each = '?';
        }
    }
    return name;
}

bool is_recognised(detect::AppProtocol application) {
    return application != detect::AppProtocol::kUnknown &&
           application != detect::AppProtocol::kFailed;
}

}  // namespace

std::string_view name_of(WatchedFlow::State state) {
    switch (state) {
        case WatchedFlow::State::kAsked:
            return "asked";
        case WatchedFlow::State::kOpen:
            return "open";
        case WatchedFlow::State::kOver:
            break;
    }
    return "over";
}

bool looks_like_answer(std::uint16_t source_port, std::uint16_t destination_port) {
    return source_port <= kWellKnownPortMax && destination_port > kWellKnownPortMax;
}

policy::Flow FlowWatch::key_of(const policy::Flow& flow) {
    const auto end = [](const wire::Address& address, std::uint16_t port) {
        return std::pair(address, port);
    };
    const bool is_low_first =
        end(flow.source, flow.source_port) <= end(flow.destination, flow.destination_port);
    return is_low_first ? flow : flow.reversed();
}

WatchedFlow& FlowWatch::flow_of(
    const behaviour::Glimpse& glimpse, dataplane::TapDirection direction, Instant now
) {
    const policy::Flow key = key_of(glimpse.flow);
    WatchedFlow& flow = flows_.of(key);
    const bool is_over = flow.number != 0 && now - flow.last > patience_with(flow);
    const bool begins_anew = glimpse.begins() && flow.state == WatchedFlow::State::kOver;
    if (flow.number != 0 && !is_over && !begins_anew) {
        return flow;
    }
    flow = {};
    flow.number = next_number_++;
    flow.flow = glimpse.flow;
    flow.began = direction;
    flow.since = now;
    const bool is_answer =
        is_tcp_flow(key) && !glimpse.begins() &&
        (glimpse.has(behaviour::kSyn) ||
         looks_like_answer(glimpse.flow.source_port, glimpse.flow.destination_port));
    if (is_answer) {
        flow.flow = glimpse.flow.reversed();
        flow.began = direction == dataplane::TapDirection::kIn ? dataplane::TapDirection::kOut
                                                               : dataplane::TapDirection::kIn;
    }
    return flow;
}

void FlowWatch::packet(ByteView packet, dataplane::TapDirection direction, Instant now) {
    const auto glimpse = behaviour::glimpse_of(packet);
    if (!glimpse || glimpse->is_error) {
        return;
    }
    WatchedFlow& flow = flow_of(*glimpse, direction, now);
    const std::size_t way = glimpse->flow == flow.flow ? 0 : 1;
    flow.last = now;
    ++flow.packets.at(way);
    flow.bytes.at(way) += glimpse->size;
    // The last packet that the tap copies of one direction takes it over this.
    flow.is_counted_whole =
        flow.is_counted_whole && flow.bytes.at(way) < dataplane::kTapBytesPerFlow;
    follow(flow, *glimpse, way);
    look_into(flow, packet, *glimpse, way);
}

void FlowWatch::follow(WatchedFlow& flow, const behaviour::Glimpse& glimpse, std::size_t way) {
    using State = WatchedFlow::State;
    const bool is_midstream = is_tcp_flow(flow.flow) && !glimpse.has(behaviour::kSyn);
    if (flow.state == State::kAsked && (way == 1 || is_midstream)) {
        flow.state = State::kOpen;
    }
    if (!is_tcp_flow(flow.flow)) {
        return;
    }
    flow.has_finished.at(way) = flow.has_finished.at(way) || glimpse.has(behaviour::kFin);
    if (glimpse.has(behaviour::kReset) || (flow.has_finished[0] && flow.has_finished[1])) {
        flow.state = State::kOver;
    }
}

void FlowWatch::look_into(
    WatchedFlow& flow, ByteView packet, const behaviour::Glimpse& glimpse, std::size_t way
) {
    if (glimpse.payload.empty() || flow.looks.at(way) >= kApplicationLooks) {
        return;
    }
    ++flow.looks.at(way);
    if (!is_recognised(flow.application)) {
        flow.application = detect::recognise({
            .bytes = glimpse.payload,
            .direction = way == 0 ? detect::Direction::kToServer : detect::Direction::kToClient,
            .over_udp = !is_tcp_flow(flow.flow),
            .server_port = flow.flow.destination_port,
        });
    }
    if (way == 0 && flow.name.empty()) {
        flow.name = plain_name(respond::AskedName(packet, glimpse.flow).text());
    }
}

void FlowWatch::visit(Instant now, const std::function<void(const WatchedFlow&)>& visit) {
    flows_.erase_if([&](const WatchedFlow& flow) {
        const bool is_forgotten = now - flow.last > patience_with(flow);
        if (!is_forgotten) {
            visit(flow);
        }
        return is_forgotten;
    });
}

}  // namespace phantom::daemon
