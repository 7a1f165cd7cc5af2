#pragma once

// What asking a gateway for a port comes to, whichever way it is asked.

#include <string>
#include <vector>

#include "base/clock.h"
#include "wire/address.h"

namespace phantom::reach {

enum class MappingProtocol : std::uint8_t { kPcp, kNatPmp, kUpnp };

[[nodiscard]] const char* name_of(MappingProtocol protocol);

// Of the IPv4 default route. Nobody but this gateway is asked, and nobody else is believed.
struct Place {
    wire::Address gateway;
    wire::Address own;  // what we send to it from
    std::uint16_t port = 0;
    friend bool operator==(const Place&, const Place&) = default;
};

struct Mapping {
    MappingProtocol protocol = MappingProtocol::kPcp;
    wire::SocketAddress outer;
    friend bool operator==(const Mapping&, const Mapping&) = default;
};

// Asked for, and renewed at half of what was granted (RFC 6887 section 11.2.1).
inline constexpr std::uint32_t kMappingLifetimeS = 3600;
// Whatever is granted is taken to last so long, at least and at most (RFC 6887 section 15).
inline constexpr Duration kMappingLifetimeMin = std::chrono::seconds(120);
inline constexpr Duration kMappingLifetimeMax = std::chrono::hours(24);
// Between two attempts to renew.
inline constexpr Duration kRenewalRetryMin = std::chrono::seconds(4);

struct MappingOutput {
    struct Datagram {
        wire::SocketAddress to;
        std::vector<std::uint8_t> bytes;
    };
    // One at a time: each is answered, or its failure told, before the next one is asked for.
    struct Request {
        wire::SocketAddress to;
        std::string text;
    };
    std::vector<Datagram> datagrams;
    std::vector<Request> requests;
};

enum class MappingState : std::uint8_t { kIdle, kAsking, kHeld, kFailed };

// How long a mapping that was granted lasts, and when to ask again.
class Lease {
  public:
    void grant(Duration lifetime, Instant now);
    // The gateway has forgotten it.
    void renew_now(Instant now) { renew_at_ = now; }
    // When the next attempt at renewal is due; it has begun.
    void attempted(Instant now);
    [[nodiscard]] Instant renew_at() const { return renew_at_; }
    [[nodiscard]] bool has_ended(Instant now) const { return now >= ends_; }

  private:
    Instant ends_;
    Instant renew_at_ = kFarFuture;
};

}  // namespace phantom::reach
