#pragma once

// One connection: bytes to requests and back (Beast). Only server.cpp includes this.

#include <memory>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>

#include "api/hub.h"

namespace phantom::api {

inline constexpr auto kHandshakePatience = std::chrono::seconds(10);
// From the first byte of a request until its header is there, and then until its body is.
inline constexpr auto kHeaderPatience = std::chrono::seconds(10);
inline constexpr auto kBodyPatience = std::chrono::seconds(20);
// Between requests.
inline constexpr auto kIdlePatience = std::chrono::seconds(75);
// For the other end to take what is written.
inline constexpr auto kWritePatience = std::chrono::seconds(20);
inline constexpr auto kGoodbyePatience = std::chrono::seconds(2);

// Own the descriptor of an accepted socket from now on. The TLS context may be let go meanwhile.
void begin_tls_session(
    boost::asio::io_context& io, Hub& hub, int socket, boost::asio::ssl::context& tls,
    Caller caller, bool is_v6
);
void begin_local_session(boost::asio::io_context& io, Hub& hub, int socket, Caller caller);

}  // namespace phantom::api
