#pragma once

// One carrier: a TLS stream to another node, and a socket on loopback that is the tunnel's idea of
// where that node is. Datagrams from the one go into the other. Thread: the Carrier's.
//
//   handshake -> open: the loopback socket is made -> both ends have spoken -> until silence or an end

#include <atomic>

#include "base/clock.h"
#include "carrier/framing.h"
#include "carrier/tls.h"
#include "io/fd.h"
#include "wire/address.h"

namespace phantom::carrier {

// TCP and TLS together.
inline constexpr Duration kHandshakePatience = std::chrono::seconds(5);
// After it WireGuard has so long to say something in both directions. It answers nobody that it does
// not know, so who cannot speak for a member or hold a token is cut off here.
inline constexpr Duration kAnswerPatience = std::chrono::seconds(10);
// WireGuard's keepalive comes each 25 s.
inline constexpr Duration kCarrierSilenceMax = std::chrono::seconds(90);
// The kernel gives a connection up when what was sent is not acknowledged.
inline constexpr unsigned kUnacknowledgedMaxMs = 15'000;

// How long a connection may take for what.
struct Limits {
    Duration handshake = kHandshakePatience;
    Duration answer = kAnswerPatience;
    Duration silence = kCarrierSilenceMax;
};

// Of all connections. Written by the carrier's thread, read by any.
struct Counters {
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> refused{0};   // too many, and none gave way
    std::atomic<std::uint64_t> failed{0};    // ended by a handshake, a frame or a limit of time
    std::atomic<std::uint64_t> sent{0};      // datagrams into streams
    std::atomic<std::uint64_t> received{0};  // datagrams out of streams
    std::atomic<std::uint64_t> dropped{0};   // datagrams that found no room in a stream
};

class Connection {
  public:
    Connection(
        io::Fd socket, TlsStream tls, const wire::SocketAddress& remote, Instant now,
        const Limits& limits, Counters& counters
    )
        : socket_(std::move(socket)),
          tls_(std::move(tls)),
          remote_(remote),
          began_(now),
          limits_(limits),
          counters_(counters) {}

    // The stream's socket is readable or has room. An error is the end of this connection.
    [[nodiscard]] Status on_stream(std::uint16_t tunnel_port, Instant now);
    // The tunnel has sent something.
    [[nodiscard]] Status on_tunnel();
    [[nodiscard]] bool wants_room() const;

    [[nodiscard]] int socket() const { return socket_.get(); }
    // -1 before the handshake is done.
    [[nodiscard]] int loopback() const { return loopback_.get(); }
    [[nodiscard]] bool is_open() const { return loopback_.valid(); }
    [[nodiscard]] bool has_answered() const { return heard_tunnel_ && !heard_.is_never(); }
    // Where the tunnel finds the other end, once it is open.
    [[nodiscard]] const wire::SocketAddress& place() const { return place_; }
    [[nodiscard]] const wire::SocketAddress& remote() const { return remote_; }
    [[nodiscard]] Instant began() const { return began_; }
    // It has no right to stay beyond this.
    [[nodiscard]] Instant deadline() const;

  private:
    [[nodiscard]] Status open(std::uint16_t tunnel_port, Instant now);
    [[nodiscard]] Status read_stream(Instant now);
    [[nodiscard]] Status write_stream();

    io::Fd socket_;
    io::Fd loopback_;
    TlsStream tls_;
    wire::SocketAddress remote_;
    wire::SocketAddress place_;
    Instant began_;  // the handshake, then the time after it
    Instant heard_;  // a datagram out of the stream; zero: none yet
    bool heard_tunnel_ = false;
    const Limits& limits_;
    FrameReader reader_;
    FrameQueue queue_;
    Counters& counters_;
};

}  // namespace phantom::carrier
