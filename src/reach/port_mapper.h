#pragma once

// A port of this machine, reachable at its router's address: asked of the default gateway by PCP or
// NAT-PMP, and by UPnP where those have not answered at once. What holds first stays, and is given back
// at the end. A state machine without I/O.
//
// Owner and thread: the daemon's control thread. Limits: IPv4; one gateway; one port; one mapping.
// Sources: RFC 6887 (PCP), RFC 6886 (NAT-PMP), UPnP WANIPConnection:1.
//
//     PortMapper mapper;
//     mapper.set_place(place, now, random, out);   // send what is in `out`
//     mapper.receive(from, datagram, now, out);    // and so on; then
//     if (mapper.mapping()) ...

#include "reach/pcp_client.h"
#include "reach/upnp_client.h"

namespace phantom::reach {

// UPnP is asked too, unless the others have answered by then.
inline constexpr Duration kUpnpAfter = std::chrono::seconds(1);
// A gateway that grants nothing is asked again after this, then at doubled distances.
inline constexpr Duration kAskAgainFirst = std::chrono::seconds(60);
inline constexpr Duration kAskAgainMax = std::chrono::hours(1);

class PortMapper {
  public:
    // None: there is no gateway. What was held at another place is gone with it.
    void set_place(
        const std::optional<Place>& place, Instant now, Random& random, MappingOutput& out
    );
    // Whoever it is from; those that are not the gateway are not heard.
    void receive(
        const wire::SocketAddress& from, ByteView datagram, Instant now, MappingOutput& out
    );
    // To the last request; none: there was no answer.
    void answer(
        std::optional<std::string_view> response, Instant now, Random& random, MappingOutput& out
    );
    void tick(Instant now, Random& random, MappingOutput& out);
    // Gives back what is held.
    void end(MappingOutput& out);

    [[nodiscard]] Instant deadline() const;
    [[nodiscard]] std::optional<Mapping> mapping() const;
    [[nodiscard]] const std::optional<Place>& place() const { return place_; }
    // An answer may still come.
    [[nodiscard]] bool is_asking() const;

  private:
    void begin(Instant now, Random& random, MappingOutput& out);
    void settle(Instant now, MappingOutput& out);

    std::optional<Place> place_;
    PcpClient pcp_;
    UpnpClient upnp_;
    Instant upnp_at_ = kFarFuture;
    Instant again_at_ = kFarFuture;
    Duration again_after_ = kAskAgainFirst;
};

}  // namespace phantom::reach
