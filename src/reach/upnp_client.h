#pragma once

// One UDP port, mapped by a UPnP Internet gateway. A state machine without I/O; requests are HTTP, one
// at a time.
//
//     searching (SSDP) -> describing -> asking for the address -> mapping -> held
//
// Whatever is not understood, or does not come from the gateway, ends in failed.

#include <optional>

#include "base/random.h"
#include "reach/mapping.h"
#include "reach/upnp.h"

namespace phantom::reach {

inline constexpr Duration kSearchInterval = std::chrono::seconds(1);
inline constexpr unsigned kSearchTries = 3;
// Ports asked for: our own, then others, where it is somebody else's.
inline constexpr unsigned kPortTries = 4;

class UpnpClient {
  public:
    void begin(const Place& place, Instant now, MappingOutput& out);
    // From the gateway's address, any port: the answer to a search.
    void receive(std::string_view datagram, MappingOutput& out);
    // None: there is no answer.
    void answer(
        std::optional<std::string_view> response, Instant now, Random& random, MappingOutput& out
    );
    void tick(Instant now, MappingOutput& out);
    void end(MappingOutput& out);

    [[nodiscard]] Instant deadline() const;
    [[nodiscard]] MappingState state() const;
    [[nodiscard]] const Mapping& mapping() const { return mapping_; }

  private:
    enum class Step : std::uint8_t {
        kIdle,
        kSearching,
        kDescribing,
        kAddressing,
        kMapping,
        kHeld,
        kRenewing,
        kFailed,
    };

    void search(Instant now, MappingOutput& out);
    void describe(const HttpResponse& response, MappingOutput& out);
    void map(Step step, MappingOutput& out);
    void mapped(const HttpResponse& response, Instant now, Random& random, MappingOutput& out);
    void request(const std::string& text, MappingOutput& out) const;

    Step step_ = Step::kIdle;
    Place place_;
    wire::SocketAddress host_;
    UpnpService service_;  // from kAddressing on
    Mapping mapping_{.protocol = MappingProtocol::kUpnp, .outer = {}};
    std::uint32_t lifetime_s_ = kMappingLifetimeS;
    unsigned tries_ = 0;
    Instant next_search_ = kFarFuture;
    Lease lease_;
};

}  // namespace phantom::reach
