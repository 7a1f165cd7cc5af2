#pragma once

// Names of the mesh for this machine: the name server, and whether this machine asks it. Thread:
// control.

#include <boost/json.hpp>

#include "daemon/dns_hook.h"
#include "daemon/dns_server.h"
#include "mesh/node.h"

namespace phantom::daemon {

// Between two tries to listen where another server was in the way.
inline constexpr Duration kDnsListenInterval = std::chrono::seconds(10);

class DnsService {
  public:
    DnsService(
        const mesh::Node& mesh, identity::StateDirectory& files, DnsHook::Options options,
        bool has_v4, io::EventLoop& loop, Random& random
    );

    // None of it keeps a node from running; the log says what does not work.
    void start();
    void tick();
    // Leaves the machine as it was; the next start does what is wanted again.
    void stop();

    // Listens anew, and looks again at what this machine asks.
    void reload();

    // "dns.on", "dns.off", "dns.status".
    [[nodiscard]] boost::json::object answer(std::string_view verb);

  private:
    class MeshNames final : public names::Members {
      public:
        MeshNames(const mesh::Node& mesh, bool has_v4) : mesh_(mesh), has_v4_(has_v4) {}
        [[nodiscard]] std::optional<names::MemberNames> by_name(std::string_view name
        ) const override;
        [[nodiscard]] std::optional<names::MemberNames> by_address(const wire::Address& address
        ) const override;
        [[nodiscard]] names::MemberNames self() const override;

      private:
        [[nodiscard]] names::MemberNames names_of(const identity::MemberRecord& member) const;

        const mesh::Node& mesh_;
        bool has_v4_;  // else nobody's IPv4 address is of use on this machine
    };

    void listen();
    void engage();
    [[nodiscard]] boost::json::object status() const;

    MeshNames names_;
    DnsServer server_;
    DnsHook hook_;
    Instant next_listen_;
    std::optional<std::string> listen_problem_;
    std::optional<std::string> hook_problem_;
};

}  // namespace phantom::daemon
