#pragma once

// Stock WireGuard peers beside the members of the mesh, from a file of wg-quick. They speak WireGuard
// and nothing else: no gossip, no post-quantum keys. Kept in the state directory ("imported.conf").
// Thread: control.

#include <algorithm>

#include <boost/json.hpp>

#include "daemon/mesh_state.h"
#include "dataplane/tunnel.h"
#include "mesh/node.h"
#include "wireguard/quick_config.h"

namespace phantom::daemon {

class ImportedPeers {
  public:
    struct Context {
        const mesh::Node& mesh;
        identity::StateDirectory& files;
        dataplane::Tunnel& tunnel;
        int tun_fd;
    };

    explicit ImportedPeers(const Context& context) : context_(context) {}

    // Gives the tunnel what was imported before. After MeshNode::start, which takes all peers out.
    void start();

    // "import.add" with "config", "import.list", "import.remove" with "key".
    [[nodiscard]] boost::json::object answer(const boost::json::object& request);
    [[nodiscard]] bool has(const crypto::PublicKey& key) const {
        return std::ranges::find(config_.peers, key, &wireguard::QuickPeer::public_key) !=
               config_.peers.end();
    }
    // Into the "peers" of `phantom status`.
    void describe_into(boost::json::array& peers) const;

  private:
    [[nodiscard]] boost::json::object add(std::string_view text);
    [[nodiscard]] boost::json::object remove(std::string_view text);
    [[nodiscard]] boost::json::object list() const;
    // A sentence where it has no place here.
    [[nodiscard]] std::optional<std::string> refusal(const wireguard::QuickPeer& peer) const;
    [[nodiscard]] bool is_of_mesh(const wire::Prefix& prefix) const;
    [[nodiscard]] std::optional<std::string> apply(const wireguard::QuickConfig& config) const;
    [[nodiscard]] std::optional<std::string> save() const;

    Context context_;
    wireguard::QuickConfig config_;
};

}  // namespace phantom::daemon
