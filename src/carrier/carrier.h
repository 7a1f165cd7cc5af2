#pragma once

// Datagrams over TLS 1.3 over TCP, for nodes whose network lets no UDP out. A thread of its own,
// beside the data plane: for the tunnel the other end of each connection is at 127.0.0.1, and what it
// sends there comes out at the other end's tunnel.
//
// Owner: the daemon. All is called from the control thread; the work is done by one thread inside.
// Limits: below, connection.h and framing.h. TLS is not trusted, see tls.h.
//
//     auto carrier = Carrier::start({.tunnel_port = 51820});
//     (*carrier)->listen(443);                                  // serve others
//     const DialId id = (*carrier)->dial(remote);               // or be served
//     for (const News& news : (*carrier)->take_news()) ...      // opened: call the member at news.place

#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "carrier/connection.h"
#include "wire/address.h"

namespace phantom::carrier {

inline constexpr std::uint16_t kDefaultPort = 443;
inline constexpr std::size_t kConnectionsMax = 256;
// Of them, those that are still shaking hands.
inline constexpr std::size_t kHandshakesMax = 64;
// Of one IPv4 address or IPv6 /64: that were accepted; of them, that WireGuard has not answered yet.
inline constexpr std::size_t kConnectionsPerSourceMax = 64;
inline constexpr std::size_t kUnansweredPerSourceMax = 16;

// Of a connection that was begun here; never given twice.
using DialId = std::uint64_t;

struct News {
    DialId id = 0;
    // Where the tunnel reaches the other end; empty: the connection is at its end.
    wire::SocketAddress place;
};

struct CarrierOptions {
    // Where the tunnel listens for UDP on this machine.
    std::uint16_t tunnel_port = 0;
    // SO_MARK of all streams, so that they are not led into the tunnel that they carry; 0 is none.
    std::uint32_t mark = 0;
    // A test need not wait for the real ones.
    Limits limits = {};
};

class Carrier final {
  public:
    // kTlsSetup, kThread.
    [[nodiscard]] static Result<std::unique_ptr<Carrier>> start(const CarrierOptions& options);
    ~Carrier();
    Carrier(const Carrier&) = delete;
    Carrier& operator=(const Carrier&) = delete;

    // Serves whoever connects to this TCP port of any address (0: the kernel chooses); the port.
    // kListen.
    [[nodiscard]] Result<std::uint16_t> listen(std::uint16_t port);

    // Tries once. What comes of it is news.
    [[nodiscard]] DialId dial(const wire::SocketAddress& remote);
    void hang_up(DialId id);
    // What has happened to dials since the last call, in order.
    [[nodiscard]] std::vector<News> take_news();

    // The other end of the connection whose place this is.
    [[nodiscard]] std::optional<wire::SocketAddress> remote_of(const wire::SocketAddress& place
    ) const;
    [[nodiscard]] std::size_t connection_count() const;
    [[nodiscard]] const Counters& counters() const;

  private:
    class Worker;
    explicit Carrier(std::unique_ptr<Worker> worker);
    std::unique_ptr<Worker> worker_;
};

}  // namespace phantom::carrier
