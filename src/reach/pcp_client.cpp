#include "reach/pcp_client.h"

#include <algorithm>

namespace phantom::reach {

namespace {

constexpr std::int64_t kStretchParts = 10;

}  // namespace

void PcpClient::begin(const Place& place, Instant now, Random& random, MappingOutput& out) {
    *this = {};
    place_ = place;
    random.fill(nonce_);
    stretch_ =
        Duration(
            static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(kPcpFirst.count())))
        ) /
        kStretchParts;
    state_ = MappingState::kAsking;
    mapping_.outer.port = place.port;
    ask(now, out);
}

void PcpClient::ask(Instant now, MappingOutput& out) {
    const bool modern = mapping_.protocol == MappingProtocol::kPcp;
    const Duration first = modern ? kPcpFirst + stretch_ : Duration(kNatPmpFirst);
    next_try_ = now + first * (1U << std::min(tries_, kNatPmpTries));
    ++tries_;
    if (modern) {
        send(
            encode(PcpMapRequest{
                .own = place_.own,
                .nonce = nonce_,
                .inner_port = place_.port,
                .suggested = mapping_.outer,
                .lifetime_s = kMappingLifetimeS,
            }),
            out
        );
        return;
    }
    send(kNatPmpAddressRequest, out);
    send(
        encode(NatPmpMapRequest{
            .inner_port = place_.port,
            .suggested_port = mapping_.outer.port,
            .lifetime_s = kMappingLifetimeS,
        }),
        out
    );
}

void PcpClient::ask_epoch(Instant now, MappingOutput& out) {
    next_epoch_ = now + kEpochInterval;
    if (mapping_.protocol == MappingProtocol::kPcp) {
        send(encode_pcp_announce(place_.own), out);
    } else {
        send(kNatPmpAddressRequest, out);
    }
}

void PcpClient::fall_back(Instant now, MappingOutput& out) {
    if (mapping_.protocol != MappingProtocol::kPcp) {
        state_ = MappingState::kFailed;
        next_try_ = kFarFuture;
        return;
    }
    mapping_.protocol = MappingProtocol::kNatPmp;
    epoch_.forget();
    tries_ = 0;
    ask(now, out);
}

void PcpClient::receive(ByteView datagram, Instant now, MappingOutput& out) {
    if (state_ != MappingState::kAsking && state_ != MappingState::kHeld) {
        return;
    }
    std::optional<Error> problem;
    if (mapping_.protocol == MappingProtocol::kPcp) {
        if (const auto response = parse_pcp_response(datagram)) {
            take(*response, now);
        } else {
            problem = response.error();
        }
    } else if (const auto response = parse_nat_pmp_response(datagram)) {
        take(*response, now, out);
    } else {
        problem = response.error();
    }
    // What is held stays until its time is over; the renewal is tried again.
    if (problem && !problem->is(ReachError::kMalformed) && state_ == MappingState::kAsking) {
        fall_back(now, out);
    }
}

void PcpClient::take(const PcpResponse& response, Instant now) {
    // Section 11.4: nonce, protocol and port say that it is the answer to ours.
    if (response.is_map && (response.nonce != nonce_ || response.protocol != kProtocolUdp ||
                            response.inner_port != place_.port)) {
        return;
    }
    const bool remembers = epoch_.accept(response.epoch_s, now);
    if (!response.is_map) {
        if (!remembers && state_ == MappingState::kHeld) {
            lease_.renew_now(now);
        }
        return;
    }
    if (response.outer.address.is_none() || response.outer.port == 0 || response.lifetime_s == 0) {
        return;
    }
    mapping_.outer = response.outer;
    hold(response.lifetime_s, now);
}

// Two answers, in either order: the address, and the port.
void PcpClient::take(const NatPmpResponse& response, Instant now, MappingOutput& out) {
    const bool remembers = epoch_.accept(response.epoch_s, now);
    if (!response.outer.is_none()) {
        mapping_.outer.address = response.outer;
        if (!remembers && state_ == MappingState::kHeld) {
            lease_.renew_now(now);
        }
        return;
    }
    if (response.inner_port != place_.port || response.outer_port == 0 ||
        response.lifetime_s == 0) {
        return;
    }
    mapping_.outer.port = response.outer_port;
    if (mapping_.outer.address.is_none()) {
        send(kNatPmpAddressRequest, out);
        return;
    }
    hold(response.lifetime_s, now);
}

void PcpClient::hold(std::uint32_t lifetime_s, Instant now) {
    state_ = MappingState::kHeld;
    tries_ = 0;
    next_try_ = kFarFuture;
    next_epoch_ = now + kEpochInterval;
    lease_.grant(std::chrono::seconds(lifetime_s), now);
}

void PcpClient::tick(Instant now, MappingOutput& out) {
    if (state_ == MappingState::kAsking && now >= next_try_) {
        const bool modern = mapping_.protocol == MappingProtocol::kPcp;
        if (tries_ >= (modern ? kPcpTries : kNatPmpTries)) {
            fall_back(now, out);
        } else {
            ask(now, out);
        }
    }
    if (state_ != MappingState::kHeld) {
        return;
    }
    if (lease_.has_ended(now)) {
        state_ = MappingState::kFailed;
        return;
    }
    if (now >= lease_.renew_at()) {
        ask(now, out);
        lease_.attempted(now);
    }
    if (now >= next_epoch_) {
        ask_epoch(now, out);
    }
}

void PcpClient::end(MappingOutput& out) {
    if (state_ == MappingState::kHeld && mapping_.protocol == MappingProtocol::kPcp) {
        send(
            encode(PcpMapRequest{
                .own = place_.own,
                .nonce = nonce_,
                .inner_port = place_.port,
                .suggested = {},
                .lifetime_s = 0,
            }),
            out
        );
    } else if (state_ == MappingState::kHeld) {
        send(encode(NatPmpMapRequest{.inner_port = place_.port}), out);
    }
    state_ = MappingState::kIdle;
}

Instant PcpClient::deadline() const {
    switch (state_) {
        case MappingState::kAsking:
            return next_try_;
        case MappingState::kHeld:
            return std::min(lease_.renew_at(), next_epoch_);
        default:
            return kFarFuture;
    }
}

void PcpClient::send(ByteView bytes, MappingOutput& out) const {
    out.datagrams.push_back(
        {{.address = place_.gateway, .port = kGatewayPort}, {bytes.begin(), bytes.end()}}
    );
}

}  // namespace phantom::reach
