#pragma once

// Walks JSON and refuses what is not as it should be, with its path. Inside this component only: what is thrown here
// is caught by read_playbook().

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "playbook/reader.h"

namespace phantom::playbook {

[[noreturn]] inline void refuse(std::string path, std::string reason) {
    throw Problem{std::move(path), std::move(reason)};
}

// A value and where it stands.
class Field {
  public:
    Field(const boost::json::value& value, std::string path)
        : value_(value), path_(std::move(path)) {}

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] bool is_object() const { return value_.is_object(); }
    [[nodiscard]] const boost::json::object& object() const;
    [[nodiscard]] std::string text() const;
    // Not empty.
    [[nodiscard]] std::string some_text() const;
    [[nodiscard]] std::string identifier() const;
    [[nodiscard]] std::string timestamp() const;
    [[nodiscard]] bool boolean() const;
    [[nodiscard]] std::int64_t integer(std::int64_t least, std::int64_t most) const;
    [[nodiscard]] std::vector<Field> list(std::size_t least, std::size_t most) const;
    [[nodiscard]] std::vector<std::string> texts(std::size_t least) const;
    [[nodiscard]] std::vector<std::string> identifiers(std::size_t least) const;
    // By key, in the order of the text.
    [[nodiscard]] std::vector<std::pair<std::string, Field>> members() const;

    [[nodiscard]] bool has(std::string_view key) const { return object().contains(key); }
    [[nodiscard]] Field at(std::string_view key) const;
    // Refuses members that are in neither list.
    void only(std::span<const std::string_view> keys, std::span<const std::string_view> more = {})
        const;

  private:
    const boost::json::value& value_;
    std::string path_;
};

}  // namespace phantom::playbook
