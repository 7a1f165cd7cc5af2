#pragma once

// The carrier's thread: all connections, and an event loop that alone owns them. Others leave wishes
// and take news, both under one lock. Inside this component only; see carrier.h.

#include <map>
#include <mutex>
#include <thread>

#include "carrier/carrier.h"
#include "io/event_loop.h"

namespace phantom::carrier {

// Of what a bound is kept: the address, and of IPv6 the network that one customer is given.
[[nodiscard]] bool is_same_source(const wire::Address& left, const wire::Address& right);
void set_mark(int fd, std::uint32_t mark);

class Carrier::Worker {
  public:
    Worker(TlsContext server, TlsContext client, io::EventLoop loop, const CarrierOptions& options)
        : server_(std::move(server)),
          client_(std::move(client)),
          loop_(std::move(loop)),
          options_(options) {}
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    [[nodiscard]] Status begin();

    // Any thread.
    void serve(std::vector<io::Fd> listeners);
    [[nodiscard]] DialId dial(const wire::SocketAddress& remote);
    void hang_up(DialId id);
    [[nodiscard]] std::vector<News> take_news();
    [[nodiscard]] std::optional<wire::SocketAddress> remote_of(const wire::SocketAddress& place
    ) const;
    [[nodiscard]] std::size_t connection_count() const;
    [[nodiscard]] const Counters& counters() const { return counters_; }
    [[nodiscard]] const CarrierOptions& options() const { return options_; }

  private:
    struct Dial {
        DialId id;
        wire::SocketAddress remote;
    };
    struct Wishes {
        std::vector<Dial> dials;
        std::vector<DialId> hang_ups;
        std::vector<io::Fd> listeners;
        bool stop = false;
    };
    struct Entry {
        std::unique_ptr<Connection> connection;
        bool dialed = false;
    };
    using Number = std::uint64_t;
    using Entries = std::map<Number, Entry>;  // oldest first

    void run();
    // False: it is time to end.
    [[nodiscard]] bool take_wishes();
    void begin_dial(const Dial& dial);
    void accept_some(int listener);
    void watch_listeners(bool watched);
    // False: nobody gives way to one more from there.
    [[nodiscard]] bool make_room(const wire::SocketAddress& from);
    [[nodiscard]] bool make_room_among(const wire::SocketAddress& from);
    void add(Number number, std::unique_ptr<Connection> connection, bool dialed);
    void on_stream(Number number);
    void on_tunnel(Number number);
    void settle(Number number, const Status& status);
    void tell_opened(Number number, const Entry& entry);
    void close(Number number);
    void look_at_deadlines(Instant now);
    void tell(const News& news);

    // The thread's own.
    TlsContext server_;
    TlsContext client_;
    io::EventLoop loop_;
    const CarrierOptions options_;
    std::vector<io::Fd> listeners_;
    bool listeners_watched_ = false;
    Instant next_look_;
    Entries entries_;

    Counters counters_;
    io::WakeUp wake_;
    mutable std::mutex mutex_;  // of what follows
    Wishes wishes_;
    std::vector<News> news_;
    std::map<wire::SocketAddress, wire::SocketAddress> remotes_;  // by place
    std::size_t connection_count_ = 0;
    Number next_number_ = 1;

    std::thread thread_;
};

}  // namespace phantom::carrier
