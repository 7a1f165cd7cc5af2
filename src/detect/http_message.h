#pragma once

// The head of an HTTP/1 message: its first line and its fields, read as forgivingly as browsers and
// servers read them, for what they accept is what an attacker may send.
//
// Source: RFC 9112.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace phantom::detect {

inline constexpr std::size_t kHttpFieldsMax = 512;
inline constexpr std::size_t kHttpHeadSizeMax = 65'536;

struct HttpField {
    std::string name;
    std::string value;
    bool repeated = false;
};

// Lines that begin with a blank go on the one before; a name twice is one field with both values.
class HttpFields {
  public:
    // `head`: all lines after the first, up to the empty one.
    void read(std::string_view head);

    [[nodiscard]] const HttpField* find(std::string_view name) const;
    [[nodiscard]] std::string_view value(std::string_view name) const;
    [[nodiscard]] const std::vector<HttpField>& all() const { return fields_; }

  private:
    void add(std::string_view line);
    std::vector<HttpField> fields_;
};

struct HttpRequestLine {
    std::string method;
    std::string uri;
    std::string protocol;  // empty for HTTP/0.9
};
[[nodiscard]] HttpRequestLine read_request_line(std::string_view line);

struct HttpStatusLine {
    std::string protocol;
    std::string code;
    std::string message;
};
// None where it does not begin as one.
[[nodiscard]] std::optional<HttpStatusLine> read_status_line(std::string_view line);

[[nodiscard]] bool is_http_method(std::string_view word);

}  // namespace phantom::detect
