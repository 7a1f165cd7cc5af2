#pragma once

// DNS over TCP: messages with their length in front, one answered after the other.
// Source: RFC 1035 section 4.2.2, RFC 7766. Thread: the EventLoop's.

#include <functional>
#include <map>
#include <vector>

#include "base/clock.h"
#include "io/event_loop.h"
#include "wire/address.h"

namespace phantom::daemon {

inline constexpr std::size_t kDnsConnectionsMax = 32;
// Of silence.
inline constexpr Duration kDnsConnectionPatience = std::chrono::seconds(10);

class DnsStream {
  public:
    using Reply = std::function<void(ByteView response)>;
    // Calls `reply` once, now or later; empty closes the connection.
    using Handler = std::function<void(ByteView query, Reply reply)>;
    using MayAsk = std::function<bool(const wire::Address& source)>;

    DnsStream(io::EventLoop& loop, Handler handler, MayAsk may_ask)
        : loop_(loop), handler_(std::move(handler)), may_ask_(std::move(may_ask)) {}
    ~DnsStream();
    DnsStream(const DnsStream&) = delete;
    DnsStream& operator=(const DnsStream&) = delete;

    [[nodiscard]] Status add(io::Fd listener);
    void close_listeners();
    void tick(Instant now);

  private:
    using Number = std::uint64_t;
    struct Connection {
        io::Fd fd;
        Instant heard;
        std::vector<std::uint8_t> in;
        std::vector<std::uint8_t> out;
        bool waiting = false;  // for a reply
    };

    void accept_all(int listener);
    void serve(Number number);
    // False: the connection is at its end.
    [[nodiscard]] bool read_some(Connection& connection);
    [[nodiscard]] bool write_some(Connection& connection);
    void take_messages(Number number);
    void answer(Number number, ByteView response);
    void close(Number number);

    io::EventLoop& loop_;
    Handler handler_;
    MayAsk may_ask_;
    std::vector<io::Fd> listeners_;
    std::map<Number, Connection> connections_;
    Number next_ = 0;
    bool taking_ = false;  // messages, further up the stack
};

}  // namespace phantom::daemon
