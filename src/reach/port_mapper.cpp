#include "reach/port_mapper.h"

#include <algorithm>

namespace phantom::reach {

namespace {

bool is_done(MappingState state) {
    return state == MappingState::kFailed || state == MappingState::kIdle;
}

}  // namespace

void PortMapper::set_place(
    const std::optional<Place>& place, Instant now, Random& random, MappingOutput& out
) {
    if (place == place_) {
        return;
    }
    place_ = place;
    pcp_ = {};
    upnp_ = {};
    again_after_ = kAskAgainFirst;
    upnp_at_ = kFarFuture;
    again_at_ = kFarFuture;
    if (place_) {
        begin(now, random, out);
    }
}

void PortMapper::begin(Instant now, Random& random, MappingOutput& out) {
    again_at_ = kFarFuture;
    upnp_at_ = now + kUpnpAfter;
    upnp_ = {};
    if (place_) {
        pcp_.begin(*place_, now, random, out);
    }
}

void PortMapper::receive(
    const wire::SocketAddress& from, ByteView datagram, Instant now, MappingOutput& out
) {
    if (!place_ || from.address != place_->gateway) {
        return;
    }
    if (from.port == kGatewayPort) {
        pcp_.receive(datagram, now, out);
    } else {
        upnp_.receive({reinterpret_cast<const char*>(datagram.data()), datagram.size()}, out);
    }
    settle(now, out);
}

void PortMapper::answer(
    std::optional<std::string_view> response, Instant now, Random& random, MappingOutput& out
) {
    upnp_.answer(response, now, random, out);
    settle(now, out);
}

void PortMapper::tick(Instant now, Random& random, MappingOutput& out) {
    if (!place_) {
        return;
    }
    if (now >= again_at_) {
        again_after_ = std::min<Duration>(again_after_ * 2, kAskAgainMax);
        begin(now, random, out);
        return;
    }
    pcp_.tick(now, out);
    upnp_.tick(now, out);
    const bool given_up = pcp_.state() == MappingState::kFailed;
    if (upnp_at_ != kFarFuture && (now >= upnp_at_ || given_up)) {
        upnp_at_ = kFarFuture;
        upnp_.begin(*place_, now, out);
    }
    settle(now, out);
}

// One mapping is enough: the first one.
void PortMapper::settle(Instant now, MappingOutput& out) {
    const bool by_pcp = pcp_.state() == MappingState::kHeld;
    const bool by_upnp = upnp_.state() == MappingState::kHeld;
    if (by_pcp || by_upnp) {
        upnp_at_ = kFarFuture;
        again_at_ = kFarFuture;
        again_after_ = kAskAgainFirst;
    }
    if (by_upnp) {
        pcp_.end(out);
    } else if (by_pcp && upnp_.state() != MappingState::kIdle) {
        upnp_.end(out);
    }
    if (place_ && again_at_ == kFarFuture && upnp_at_ == kFarFuture && is_done(pcp_.state()) &&
        is_done(upnp_.state())) {
        again_at_ = now + again_after_;
    }
}

void PortMapper::end(MappingOutput& out) {
    pcp_.end(out);
    upnp_.end(out);
    place_.reset();
}

Instant PortMapper::deadline() const {
    return std::min({pcp_.deadline(), upnp_.deadline(), upnp_at_, again_at_});
}

std::optional<Mapping> PortMapper::mapping() const {
    if (pcp_.state() == MappingState::kHeld) {
        return pcp_.mapping();
    }
    return upnp_.state() == MappingState::kHeld ? std::optional(upnp_.mapping()) : std::nullopt;
}

bool PortMapper::is_asking() const {
    return pcp_.state() == MappingState::kAsking || upnp_.state() == MappingState::kAsking ||
           upnp_at_ != kFarFuture;
}

}  // namespace phantom::reach
