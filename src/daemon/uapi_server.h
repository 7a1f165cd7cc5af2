#pragma once

// Serves the UAPI on a listening socket: connections, framing, and the Tunnel behind them.
// Thread: the EventLoop's. Limits: wireguard/uapi_framer.h.

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "io/event_loop.h"
#include "io/fd.h"
#include "wireguard/device.h"
#include "wireguard/uapi.h"
#include "wireguard/uapi_framer.h"

namespace phantom::daemon {

class UapiServer final {
  public:
    // What stands behind the protocol; the answers of a Tunnel.
    struct Backend {
        std::function<Status(const wireguard::DeviceUpdate&)> apply;
        std::function<wireguard::SecretText()> describe;
    };
    UapiServer(io::Fd listener, Backend backend, io::EventLoop& loop);
    ~UapiServer();
    UapiServer(const UapiServer&) = delete;
    UapiServer& operator=(const UapiServer&) = delete;

    [[nodiscard]] Status start();

  private:
    struct Connection {
        io::Fd fd;
        wireguard::UapiFramer framer;
        std::deque<wireguard::SecretText> answers;
        std::size_t written = 0;  // of the first answer
        bool closing = false;
    };

    void accept_all();
    void serve(int fd);
    [[nodiscard]] bool read_operations(Connection& connection);
    void execute(Connection& connection, const wireguard::UapiOperation& operation);
    [[nodiscard]] bool write_answers(Connection& connection);
    void close(int fd);
    void close_expired();

    io::Fd listener_;
    Backend backend_;
    io::EventLoop& loop_;
    std::unordered_map<int, std::unique_ptr<Connection>> connections_;
};

}  // namespace phantom::daemon
