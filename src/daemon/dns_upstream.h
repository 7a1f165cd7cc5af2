#pragma once

// The sockets of a names::Forwarder: one for each attempt, with a port of the kernel's choice,
// connected to the server that is asked. Thread: the EventLoop's.

#include <functional>

#include "io/event_loop.h"
#include "names/forwarder.h"

namespace phantom::daemon {

class DnsUpstream {
  public:
    // Called once, with the response for the client; empty when no server had one.
    using Reply = std::function<void(ByteView response)>;

    DnsUpstream(io::EventLoop& loop, Random& random) : loop_(loop), random_(random) {}
    ~DnsUpstream();
    DnsUpstream(const DnsUpstream&) = delete;
    DnsUpstream& operator=(const DnsUpstream&) = delete;

    void set_servers(std::vector<wire::SocketAddress> servers);
    [[nodiscard]] const std::vector<wire::SocketAddress>& servers() const {
        return forwarder_.servers();
    }
    void ask(ByteView message, const names::Forwarder::Pending& pending, Reply reply);
    void tick(Instant now);

  private:
    using Slot = names::Forwarder::Slot;
    // With a stream, each message has its length in front (RFC 1035 section 4.2.2).
    struct Exchange {
        io::Fd fd;
        bool stream = false;
        std::vector<std::uint8_t> out;
        std::size_t written = 0;
        std::vector<std::uint8_t> in;
        Reply reply;
    };

    // False: this server cannot be asked.
    [[nodiscard]] bool open(const names::Forwarder::Attempt& attempt);
    void carry_out(Slot slot, std::optional<names::Forwarder::Attempt> attempt);
    void serve(Slot slot);
    void read_datagrams(Slot slot);
    // False: the connection came to nothing.
    [[nodiscard]] bool write_stream(Exchange& exchange);
    [[nodiscard]] bool read_stream(Slot slot);
    void finish(Slot slot, MutableBytes response);
    void close(Exchange& exchange);

    io::EventLoop& loop_;
    Random& random_;
    names::Forwarder forwarder_;
    std::vector<Exchange> exchanges_ = std::vector<Exchange>(names::kForwardPendingMax);
};

}  // namespace phantom::daemon
