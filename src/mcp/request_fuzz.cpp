// Whatever a client sends, however it is cut: no crash, an answer of JSON-RPC on one line to each request, and nothing is
// done without a confirmation that was given.

#include <cstdlib>

#include "mcp/server.h"

namespace {

namespace json = boost::json;
using namespace phantom;

// Answers as a daemon would; counts what was really done.
mcp::Reply answer(const json::object& request, int& done) {
    const json::value* dry_run = request.if_contains("dry_run");
    done += dry_run != nullptr && dry_run->is_bool() && !dry_run->get_bool() ? 1 : 0;
    return {
        "",
        {{"schema", "x"},
         {"mesh", "m"},
         {"number", 1},
         {"peers", json::array()},
         {"alerts", json::array{json::object{{"number", 1}}}}}
    };
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    int done = 0;
    SeededRandom random(data[0]);
    mcp::Server server(
        {.allow_writes = (data[0] & 1U) != 0, .version = "0"},
        {.ask = [&done](const json::object& request) { return answer(request, done); },
         .examine_machine =
             [] { return json::object{{"verdict", "ok"}, {"checks", json::array()}}; }},
        random
    );
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t step = 1 + data[0] / 8;
    mcp::LineReader reader;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        for (const mcp::Line& line : reader.feed(bytes.substr(at, step))) {
            const auto said = server.hear(line, Instant{1});
            if (!said) {
                continue;
            }
            const json::object parsed = json::parse(*said).as_object();
            if (said->find('\n') != std::string::npos || parsed.at("jsonrpc") != "2.0" ||
                parsed.contains("result") == parsed.contains("error")) {
                std::abort();
            }
        }
    }
    // A confirmation has 64 bits that the input cannot know before it is given.
    if (done != 0 && (data[0] & 1U) == 0) {
        std::abort();
    }
    return 0;
}
