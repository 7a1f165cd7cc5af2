#pragma once

// The sockets of a reach::LanDiscovery: for each interface and family one, bound to the group of the
// beacons, so that nothing else arrives there. Thread: the EventLoop's.

#include <functional>
#include <map>
#include <string>

#include "io/event_loop.h"
#include "reach/lan_discovery.h"

namespace phantom::daemon {

inline constexpr std::size_t kBeaconSocketsMax = 32;

class LanBeacons {
  public:
    struct Membership {
        std::array<std::uint8_t, 32> shared{};
        std::uint64_t self = 0;
        std::string interface;  // of the mesh: nothing is said there
        std::uint16_t port = 0;
    };
    using Heard = std::function<void(const reach::LanDiscovery::Neighbour& heard)>;

    LanBeacons(io::EventLoop& loop, Random& random, Membership membership, Heard heard);
    ~LanBeacons();
    LanBeacons(const LanBeacons&) = delete;
    LanBeacons& operator=(const LanBeacons&) = delete;

    // Says beacons on the interfaces that there are now.
    void follow_interfaces(Instant now);
    void tick(Instant now);

    [[nodiscard]] const std::vector<reach::LanDiscovery::Neighbour>& neighbours() const {
        return discovery_.neighbours();
    }

  private:
    struct Place {
        int interface;
        wire::Family family;
        friend auto operator<=>(const Place&, const Place&) = default;
    };

    [[nodiscard]] std::vector<Place> list_places() const;
    void open(const Place& place);
    void close(const Place& place);
    void read(int fd);

    io::EventLoop& loop_;
    Random& random_;
    Membership membership_;
    Heard heard_;
    reach::LanDiscovery discovery_;
    std::map<Place, io::Fd> sockets_;
};

}  // namespace phantom::daemon
