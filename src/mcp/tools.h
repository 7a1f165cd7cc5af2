#pragma once

// What can be asked of a node, as tools of the Model Context Protocol. No I/O: the node is an argument.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

namespace phantom::mcp {

// Entries of a list in an answer, where the client does not say otherwise.
inline constexpr std::int64_t kEntriesUsual = 50;
inline constexpr std::int64_t kEntriesMax = 500;
// A text in an answer; it is cut, and says so.
inline constexpr std::size_t kTextSizeMax = 4'000;

struct Reply {
    std::string error;  // a sentence where there is no answer
    boost::json::object body;
};

// Who answers.
struct Node {
    std::function<Reply(const boost::json::object& request)> ask;  // the control socket
    std::function<boost::json::object()> examine_machine;          // phantom doctor
};

// Of a tool that changes something: what it would do, or that it is done.
enum class Stage { kDryRun, kDo };

struct Tool {
    std::string_view name;
    std::string_view title;
    std::string_view description;
    std::string_view input;   // JSON Schema of its arguments
    std::string_view output;  // of its answer
    Reply (*call)(const Node& node, const boost::json::object& arguments, Stage stage) = nullptr;
    bool writes = false;
    bool destroys = false;  // cuts somebody off
};

[[nodiscard]] const std::vector<Tool>& read_tools();
[[nodiscard]] const std::vector<Tool>& write_tools();

// As tools/list has it.
[[nodiscard]] boost::json::object describe(const Tool& tool);

// ---- For tools_*.cpp

// The list `key` of an answer has at most `limit` entries, the first or the last ones; `total` and `left_out` say how
// many there are, and were left out.
enum class Keep { kFirst, kLast };
void cut_list(boost::json::object& body, std::string_view key, std::int64_t limit, Keep keep);
// Texts anywhere in it: printable ASCII and line ends, and not longer than kTextSizeMax.
void make_plain(boost::json::value& value);

}  // namespace phantom::mcp
