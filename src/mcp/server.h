#pragma once

// One client of the Model Context Protocol: a request in, an answer out. No I/O but by way of the Node that it is given.
// Source: modelcontextprotocol.io/specification/2025-11-25, JSON-RPC 2.0.
//
//     Server server({.allow_writes = false}, node, random);
//     if (const auto answer = server.hear(line, monotonic_now())) { print(*answer + "\n"); }

#include <expected>
#include <optional>
#include <string>

#include <boost/json.hpp>

#include "mcp/confirmations.h"
#include "mcp/line_reader.h"
#include "mcp/tools.h"

namespace phantom::mcp {

inline constexpr std::string_view kProtocolNewest = "2025-11-25";

struct ServerOptions {
    bool allow_writes = false;
    std::string version;  // of the program
};

class Server final {
  public:
    // `random` outlives it.
    Server(ServerOptions options, Node node, Random& random)
        : options_(std::move(options)), node_(std::move(node)), random_(random) {}

    // An answer without its end of line; none to a notification.
    [[nodiscard]] std::optional<std::string> hear(const Line& line, Instant now);

  private:
    struct Problem {
        int code;
        std::string message;
    };
    template <class T>
    using Or = std::expected<T, Problem>;

    [[nodiscard]] Or<boost::json::object> answer(
        std::string_view method, const boost::json::object& parameters, Instant now
    );
    [[nodiscard]] Or<boost::json::object> initialize(const boost::json::object& parameters);
    [[nodiscard]] boost::json::object list_tools() const;
    [[nodiscard]] Or<boost::json::object> call_tool(
        const boost::json::object& parameters, Instant now
    );
    [[nodiscard]] const Tool* find(std::string_view name) const;
    [[nodiscard]] Reply call_write(const Tool& tool, const boost::json::object& given, Instant now);
    [[nodiscard]] boost::json::object result_of(Reply reply) const;

    ServerOptions options_;
    Node node_;
    Random& random_;
    Confirmations confirmations_;
    std::string protocol_;  // that was agreed; empty: not yet
};

}  // namespace phantom::mcp
