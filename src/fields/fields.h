#pragma once

// Fields of a JSON object that may hold anything: what is not there, or of another kind, is empty. Views and references are
// into the object; of one that is about to go there are none.

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json.hpp>

namespace phantom::fields {

[[nodiscard]] std::string text_at(const boost::json::object& of, std::string_view key);
[[nodiscard]] std::string_view word_at(const boost::json::object& of, std::string_view key);
std::string_view word_at(boost::json::object&& of, std::string_view key) = delete;

[[nodiscard]] bool is_true(const boost::json::object& of, std::string_view key);
// A whole number, as it is read from a text and as we write it ourselves.
[[nodiscard]] std::int64_t number_at(
    const boost::json::object& of, std::string_view key, std::int64_t otherwise = 0
);
// 0 where it is negative.
[[nodiscard]] std::uint64_t count_at(const boost::json::object& of, std::string_view key);
[[nodiscard]] double real_at(const boost::json::object& of, std::string_view key);

[[nodiscard]] const boost::json::object& object_at(
    const boost::json::object& of, std::string_view key
);
const boost::json::object& object_at(boost::json::object&& of, std::string_view key) = delete;
[[nodiscard]] const boost::json::array& list_at(
    const boost::json::object& of, std::string_view key
);
const boost::json::array& list_at(boost::json::object&& of, std::string_view key) = delete;

}  // namespace phantom::fields
