#pragma once

// The control socket that `phantom` talks to: one JSON object on a line, one on a line back, and
// the connection is done. Thread: the EventLoop's. Only its owner can open the socket, so who is
// connected may do anything; what is bounded is what a broken client costs.

#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>

#include <boost/json.hpp>

#include "base/clock.h"
#include "base/result.h"
#include "io/event_loop.h"
#include "io/fd.h"
#include "wireguard/uapi.h"

namespace phantom::daemon {

inline constexpr std::size_t kControlConnectionsMax = 64;
inline constexpr std::size_t kControlRequestSizeMax = std::size_t{64} << 10U;
// A client that has not said its line by then makes room for another.
inline constexpr Duration kControlPatience = std::chrono::seconds(10);

class ControlServer final {
  public:
    // The answer to a request; {"error": {"code": ..., "message": ...}} where it cannot be had.
    // `origin`: who asks, for people: "control socket, uid 0, pid 4711".
    using Backend = std::function<
        boost::json::object(const boost::json::object& request, std::string_view origin)>;

    ControlServer(io::Fd listener, Backend backend, io::EventLoop& loop);
    ~ControlServer();
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;

    [[nodiscard]] Status start();

  private:
    // Shares of the root's key may stand in either text.
    struct Connection {
        io::Fd fd;
        Instant accepted;
        wireguard::SecretText request;
        wireguard::SecretText answer;
        std::size_t written = 0;
    };

    void accept_all();
    void serve(int fd);
    [[nodiscard]] bool read_request(Connection& connection);
    [[nodiscard]] bool write_answer(Connection& connection);
    [[nodiscard]] wireguard::SecretText answer_to(std::string_view line, int fd) const;
    void close(int fd);
    void close_expired();

    io::Fd listener_;
    Backend backend_;
    io::EventLoop& loop_;
    std::unordered_map<int, std::unique_ptr<Connection>> connections_;
};

[[nodiscard]] boost::json::object control_error(std::string_view code, std::string_view message);

}  // namespace phantom::daemon
