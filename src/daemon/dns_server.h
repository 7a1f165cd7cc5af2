#pragma once

// The name server of a node, for the programs of its own machine: port 53 of the node's own overlay
// addresses, by UDP and TCP. Thread: the EventLoop's.
//
// Who asks from another address gets no answer: a member resolves names itself, and a server that
// passes queries on for others is a tool for attacks. Nobody can claim an address of this machine: the
// kernel takes no packet with one from a network, and the tunnel none that is not its sender's.

#include "daemon/dns_stream.h"
#include "daemon/dns_upstream.h"
#include "names/resolver.h"

namespace phantom::daemon {

inline constexpr std::uint16_t kDnsPort = 53;

class DnsServer {
  public:
    DnsServer(const names::Members& members, io::EventLoop& loop, Random& random);
    ~DnsServer();
    DnsServer(const DnsServer&) = delete;
    DnsServer& operator=(const DnsServer&) = delete;

    // Both protocols, on each of `addresses`; what it already listens on is let go first. A sentence
    // for people where one cannot be had; it listens on the others then.
    [[nodiscard]] std::optional<std::string> listen(const std::vector<wire::Address>& addresses);
    // Where it listens.
    [[nodiscard]] const std::vector<wire::Address>& addresses() const { return listening_; }
    // Who is asked about everything else; nobody, and it is refused.
    void set_upstreams(std::vector<wire::SocketAddress> servers);
    [[nodiscard]] const std::vector<wire::SocketAddress>& upstreams() const {
        return upstream_.servers();
    }
    void tick(Instant now);

  private:
    using Reply = DnsUpstream::Reply;

    [[nodiscard]] bool listen_at(const wire::Address& address);
    void serve_datagrams(int fd);
    void ask(ByteView query, bool datagram, Reply reply);
    [[nodiscard]] bool may_ask(const wire::Address& source) const;

    const names::Members& members_;
    io::EventLoop& loop_;
    DnsUpstream upstream_;
    DnsStream stream_;
    std::vector<io::Fd> datagrams_;
    std::vector<wire::Address> listening_;
};

}  // namespace phantom::daemon
