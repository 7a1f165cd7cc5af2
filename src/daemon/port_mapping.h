#pragma once

// The sockets of a reach::PortMapper: one for datagrams, bound to the address that the gateway knows us
// by, and one connection to it at a time. Thread: the EventLoop's.

#include <deque>

#include "io/event_loop.h"
#include "io/gateway.h"
#include "reach/port_mapper.h"

namespace phantom::daemon {

// For a request to a gateway, from connecting to the last byte.
inline constexpr Duration kHttpPatience = std::chrono::seconds(5);
// For giving back at the end, when nobody runs the loop any more.
inline constexpr Duration kFarewellPatience = std::chrono::seconds(1);
inline constexpr std::size_t kHttpWaitingMax = 4;

class PortMapping {
  public:
    PortMapping(io::EventLoop& loop, Random& random) : loop_(loop), random_(random) {}
    ~PortMapping();
    PortMapping(const PortMapping&) = delete;
    PortMapping& operator=(const PortMapping&) = delete;

    // None: there is no gateway, or nobody wants a mapping.
    void set_gateway(const std::optional<io::Gateway>& gateway, std::uint16_t port, Instant now);
    void tick(Instant now);
    // Gives back what is held; takes kFarewellPatience at most.
    void stop();

    [[nodiscard]] Instant deadline() const;
    [[nodiscard]] std::optional<reach::Mapping> mapping() const { return mapper_.mapping(); }
    [[nodiscard]] const std::optional<io::Gateway>& gateway() const { return gateway_; }
    [[nodiscard]] bool is_asking() const { return mapper_.is_asking(); }

  private:
    struct Connection {
        io::Fd fd;
        std::string request;
        std::size_t written = 0;
        std::string response;
        Instant deadline = kFarFuture;
    };

    void carry_out(const reach::MappingOutput& out);
    void begin_request();
    void serve_connection();
    // False: nothing more comes.
    [[nodiscard]] bool write_request();
    [[nodiscard]] bool read_response();
    void finish_request(bool complete);
    [[nodiscard]] bool open_datagrams();
    void read_datagrams();
    void close_all();

    io::EventLoop& loop_;
    Random& random_;
    reach::PortMapper mapper_;
    std::optional<io::Gateway> gateway_;
    io::Fd datagrams_;
    Connection connection_;
    std::deque<reach::MappingOutput::Request> waiting_;
};

}  // namespace phantom::daemon
