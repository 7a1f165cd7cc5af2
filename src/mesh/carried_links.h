#pragma once

// Which members are called by TCP (src/carrier) because their UDP does not answer, and when that is no
// longer needed. A state machine: who is reached how, and `now`, in; calls out.
//
//   no datagram of its own gets through for kUdpPatience -> call -> open -> UDP held for kCarriedLinger
//                                                             -> or it ends: again, each time later

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "identity/types.h"
#include "wire/address.h"

namespace phantom::mesh {

// So long UDP may be silent before TCP is tried.
inline constexpr Duration kUdpPatience = std::chrono::seconds(3);
// So long UDP must have held before TCP is given up.
inline constexpr Duration kCarriedLinger = std::chrono::seconds(10);
// Open or being opened; of them, being opened. The others are reached over relays that these lead to.
inline constexpr std::size_t kCarriedMax = 4;
inline constexpr std::size_t kCarriedCallsMax = 2;
// After the first failure, doubled with each further one.
inline constexpr Duration kCallAgainFirst = std::chrono::seconds(2);
inline constexpr Duration kCallAgainMax = std::chrono::seconds(300);

// How a member is reached at this moment.
enum class Way : std::uint8_t { kNone, kRelayed, kCarried, kDirect };

class CarriedLinks {
  public:
    struct Member {
        identity::NodeId node;
        Way way = Way::kNone;
        bool relay = false;  // willing to be one
        // Where it takes TCP; none: nowhere.
        std::vector<wire::SocketAddress> places;
    };
    struct Call {
        identity::NodeId node;
        wire::SocketAddress place;
    };
    struct Output {
        std::vector<Call> calls;
        std::vector<identity::NodeId> hang_ups;
    };

    // `udp_is_blocked`: as the admission to the mesh has just shown. The first calls do not wait then.
    explicit CarriedLinks(bool udp_is_blocked) : hasty_(udp_is_blocked) {}

    // Members with whom a link is wanted.
    void tick(std::span<const Member> members, Instant now, Output& out);
    // What came of a call.
    void opened(const identity::NodeId& node);
    void ended(const identity::NodeId& node, Instant now);

  private:
    enum class State : std::uint8_t { kIdle, kCalling, kOpen };
    struct Link {
        State state = State::kIdle;
        Instant missed_since;  // never: UDP, or the member's own call, holds
        Instant direct_since;
        Instant next_call;
        std::uint32_t failures = 0;
        std::uint32_t calls = 0;
    };

    void forget(std::span<const Member> members, Output& out);
    void follow(const Member& member, Instant now, Output& out);
    [[nodiscard]] bool may_call(const Member& member, Instant now) const;
    [[nodiscard]] std::size_t count(State state) const;

    std::map<identity::NodeId, Link> links_;
    bool hasty_;
};

}  // namespace phantom::mesh
