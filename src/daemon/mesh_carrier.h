#pragma once

// The mesh's ways through TCP (src/carrier): takes others' where a port can be had, and calls members
// whose UDP does not answer. Which, and when, is decided by mesh::CarriedLinks. Thread: control.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "carrier/carrier.h"
#include "daemon/mesh_node.h"
#include "mesh/carried_links.h"

namespace phantom::daemon {

// "443", or "off", which is 0.
[[nodiscard]] std::optional<std::uint16_t> parse_carrier_port(std::string_view text);

class MeshCarrier {
  public:
    // `udp_is_blocked`: this node was admitted over TCP.
    MeshCarrier(MeshNode& node, bool udp_is_blocked) : node_(node), links_(udp_is_blocked) {}

    // `port`: as the command line has it, 0 for off, none for as before; kept for the next start if
    // `keep`. Where it cannot be had, the node goes without and says so.
    void start(std::optional<std::uint16_t> port, bool keep);
    void tick();

    // Null: it could not be started.
    [[nodiscard]] const carrier::Counters* counters() const {
        return carrier_ == nullptr ? nullptr : &carrier_->counters();
    }
    // For `phantom status`.
    [[nodiscard]] boost::json::object describe() const;
    // The other end, where a peer's packets go through a carrier.
    void describe_into(boost::json::array& peers) const;

  private:
    [[nodiscard]] std::uint16_t wanted_port(std::optional<std::uint16_t> port, bool keep);
    void listen(std::uint16_t port);
    void take_news(Instant now);
    [[nodiscard]] std::vector<mesh::CarriedLinks::Member> members(Instant now) const;

    MeshNode& node_;
    mesh::CarriedLinks links_;
    std::unique_ptr<carrier::Carrier> carrier_;  // null: it could not be started
    std::map<carrier::DialId, identity::NodeId> calls_;
    Instant next_look_;
    std::uint16_t port_ = 0;
    std::string problem_;  // why there is no port
};

}  // namespace phantom::daemon
