// What the control thread sends by itself: handshakes, keepalives and control frames, each to an
// address or over relays. The packets of the TUN go through outbound.cpp.

#include <algorithm>
#include <array>
#include <cstring>

#include "base/assert.h"
#include "base/log.h"
#include "dataplane/tunnel.h"

namespace phantom::dataplane {

namespace {

// The largest datagram that the control thread makes, unless over a relay.
constexpr std::size_t kControlDatagramMax = wire::kTransportOverhead + wire::kControlHeaderSize +
                                            wire::kControlPayloadSizeMax +
                                            wireguard::kPaddingMultiple;

}  // namespace

void Tunnel::send(const wireguard::SendMessage& message) {
    if (sockets_.empty()) {
        return;
    }
    transmit(
        {message.bytes.data(), message.size}, message.to, message.hop, wireguard::kHandshakeTos
    );
}

void Tunnel::transmit(
    ByteView datagram, const wire::Endpoint& to, wire::HopId hop, std::uint8_t tos
) {
    if (wire::is_relay(to.remote)) {
        (void)send_over_relay(datagram, wire::relay_route(to.remote.address), hop);
        return;
    }
    auto sent = sockets_.front()->send_one(datagram, to, tos);
    if (!sent && !to.source.is_none()) {
        wire::Endpoint without_source;
        without_source.remote = to.remote;
        sent = sockets_.front()->send_one(datagram, without_source, tos);
    }
    if (!sent) {
        log::debug("to {}: {}", to.remote.to_string(), sent.error().message());
    }
}

// As outbound.cpp does for packets: inside the session with the relay, which must be reached directly.
bool Tunnel::send_over_relay(
    ByteView datagram, const wire::RelayRoute& route, wire::HopId destination
) {
    const wireguard::RelayTable& relays = *device_.forwarding().relays;
    wireguard::PeerPath* via = relays.find(route.first);
    const wire::Endpoint* endpoint =
        via == nullptr ? nullptr : via->endpoint.load(std::memory_order_acquire);
    if (endpoint == nullptr || wire::is_relay(endpoint->remote) || destination == 0) {
        return false;
    }
    std::array<std::uint8_t, wire::kRelayHeaderSize + kControlDatagramMax> frame;
    PM_ASSERT(datagram.size() <= kControlDatagramMax);
    wire::write_relay_header(
        {.origin = relays.self, .route = route, .destination = destination, .passed = 0},
        datagram.size(), frame.data()
    );
    std::ranges::copy(datagram, frame.begin() + wire::kRelayHeaderSize);
    return send_inner(
        *via, nullptr, ByteView(frame).first(wire::kRelayHeaderSize + datagram.size())
    );
}

bool Tunnel::send_control(const crypto::PublicKey& peer, wire::ControlKind kind, ByteView payload) {
    return send_control_over(peer, nullptr, kind, payload);
}

bool Tunnel::send_control(
    const crypto::PublicKey& peer, const wire::SocketAddress& over, wire::ControlKind kind,
    ByteView payload
) {
    const wire::Endpoint endpoint{over, {}, 0};
    return send_control_over(peer, &endpoint, kind, payload);
}

bool Tunnel::send_control_over(
    const crypto::PublicKey& peer, const wire::Endpoint* over, wire::ControlKind kind,
    ByteView payload
) {
    PM_ASSERT(payload.size() <= wire::kControlPayloadSizeMax);
    wireguard::PeerPath* path = device_.find_path(peer);
    if (path == nullptr) {
        return false;
    }
    std::array<std::uint8_t, wire::kControlHeaderSize + wire::kControlPayloadSizeMax> inner;
    wire::write_control_header(kind, payload.size(), inner.data());
    std::ranges::copy(payload, inner.begin() + wire::kControlHeaderSize);
    return send_inner(
        *path, over, ByteView(inner).first(wire::kControlHeaderSize + payload.size())
    );
}

bool Tunnel::send_inner(wireguard::PeerPath& path, const wire::Endpoint* over, ByteView inner) {
    wireguard::Session* session = path.sending.load(std::memory_order_acquire);
    const wire::Endpoint* endpoint =
        over != nullptr ? over : path.endpoint.load(std::memory_order_acquire);
    const Instant now = monotonic_now();
    if (sockets_.empty() || session == nullptr || endpoint == nullptr || session->expired(now)) {
        return false;
    }
    const auto counter = session->reserve_counters(1);
    if (!counter) {
        return false;
    }
    constexpr std::size_t kPadding = wireguard::kPaddingMultiple;
    // A control datagram, or one in a relay frame.
    std::array<
        std::uint8_t,
        wire::kTransportOverhead + wire::kRelayHeaderSize + kControlDatagramMax + kPadding>
        datagram{};
    const std::size_t padded = (inner.size() + kPadding - 1) / kPadding * kPadding;
    const wire::TransportHeader header{
        .type = static_cast<std::uint32_t>(wire::MessageType::kTransport),
        .receiver_index = session->remote_index(),
        .counter = *counter,
    };
    std::memcpy(datagram.data(), &header, sizeof header);
    std::uint8_t* sealed = datagram.data() + sizeof header;
    std::ranges::copy(inner, sealed);
    const crypto::SealJob job{sealed, sealed, padded, *counter};
    aead_->seal(session->send_key(), {&job, 1});
    const ByteView sending = ByteView(datagram).first(wire::kTransportOverhead + padded);
    transmit(sending, *endpoint, path.hop.load(std::memory_order_relaxed), 0);
    path.sent_bytes.fetch_add(sending.size(), std::memory_order_relaxed);
    (void)path.activity.on_sent(now, false);
    return true;
}

}  // namespace phantom::dataplane
