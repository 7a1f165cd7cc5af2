#pragma once

// A request as it was understood, and an answer before it is written. Values; any thread.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace phantom::api {

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kDelete, kOther };

[[nodiscard]] std::string_view name_of(Method method);

// Who has connected.
struct Caller {
    std::string address;    // "192.0.2.1"; on the Unix socket "local, uid 0"
    bool is_owner = false;  // through the Unix socket, which only the node's owner can open
    // The Ed25519 key that it has proved to have (member_certificate.h); none: it has shown none.
    std::optional<std::array<std::uint8_t, 32>> member{};
};

// Header fields that mean something here; empty where they are not there.
struct Request {
    Method method = Method::kOther;
    std::string target;
    std::string authorization;
    std::string content_type;
    std::string accept;
    std::string accept_encoding;
    std::string if_match;
    std::string if_none_match;
    std::string idempotency_key;
    std::string last_event_id;
    std::string host;
    std::string cookie;
    std::string csrf;  // X-CSRF-Token
    std::string origin;
    std::string sec_fetch_site;
    std::string traceparent;
    std::string body;
    Caller caller;
};

struct Response {
    unsigned status = 200;
    std::string content_type = "application/json";
    std::vector<std::pair<std::string_view, std::string>> headers;
    // Shared where several callers asked for the same at once. Null: none.
    std::shared_ptr<const std::string> body;
    bool closes = false;  // nothing more is read from this connection
};

[[nodiscard]] const char* reason_of(unsigned status);

// Status line and header fields with the empty line behind them (RFC 9112). `date`: as the field has it.
[[nodiscard]] std::string write_head(
    const Response& response, std::string_view date, bool keeps_alive
);
// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
[[nodiscard]] std::string http_date(std::int64_t unix_s);
// "1994-11-06T08:49:37Z" (RFC 3339).
[[nodiscard]] std::string time_text(std::int64_t unix_s);

}  // namespace phantom::api
