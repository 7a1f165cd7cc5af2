#pragma once

// One UDP port, mapped by a gateway that speaks PCP, or else NAT-PMP: both live on one port, and who
// knows the older one alone says so. A state machine without I/O.
//
//     asking by PCP -> held            renewed at half time, at once when the gateway has forgotten
//        | another version, silence
//        v
//     asking by NAT-PMP -> held
//        | refusal, silence
//        v
//     failed

#include <optional>

#include "base/random.h"
#include "reach/epoch.h"
#include "reach/mapping.h"
#include "reach/nat_pmp.h"
#include "reach/pcp.h"

namespace phantom::reach {

// RFC 6887 section 8.1.1: the first repetition after 3 s, then at doubled distances, each stretched by
// up to a tenth. A gateway on the link that has not answered the second does not speak it.
inline constexpr Duration kPcpFirst = std::chrono::seconds(3);
inline constexpr unsigned kPcpTries = 2;
// RFC 6886 section 3.1: 250 ms, doubled. It has nine tries in 64 s; here others wait for the outcome.
inline constexpr Duration kNatPmpFirst = std::chrono::milliseconds(250);
inline constexpr unsigned kNatPmpTries = 4;
// Whether the gateway still knows: small questions, so that one that began anew is noticed long before
// the renewal.
inline constexpr Duration kEpochInterval = std::chrono::seconds(60);

class PcpClient {
  public:
    void begin(const Place& place, Instant now, Random& random, MappingOutput& out);
    // From the gateway's port kGatewayPort.
    void receive(ByteView datagram, Instant now, MappingOutput& out);
    void tick(Instant now, MappingOutput& out);
    // Gives back what is held.
    void end(MappingOutput& out);

    [[nodiscard]] Instant deadline() const;
    [[nodiscard]] MappingState state() const { return state_; }
    // While held.
    [[nodiscard]] const Mapping& mapping() const { return mapping_; }

  private:
    void ask(Instant now, MappingOutput& out);
    void ask_epoch(Instant now, MappingOutput& out);
    void fall_back(Instant now, MappingOutput& out);
    void take(const PcpResponse& response, Instant now);
    void take(const NatPmpResponse& response, Instant now, MappingOutput& out);
    void hold(std::uint32_t lifetime_s, Instant now);
    void send(ByteView bytes, MappingOutput& out) const;

    MappingState state_ = MappingState::kIdle;
    Place place_;
    PcpNonce nonce_{};
    Mapping mapping_;  // what was granted last is suggested the next time
    unsigned tries_ = 0;
    Duration stretch_{};  // of PCP's first wait
    Instant next_try_ = kFarFuture;
    Instant next_epoch_ = kFarFuture;
    Lease lease_;
    Epoch epoch_;
};

}  // namespace phantom::reach
