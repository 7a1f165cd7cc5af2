#include "cli/output.h"

#include <cstdio>

#include <fmt/format.h>

namespace phantom::cli {

void print(const std::string& text) {
    (void)std::fwrite(text.data(), 1, text.size(), stdout);
    (void)std::fflush(stdout);
}

void print_json(const boost::json::object& body) {
    print(boost::json::serialize(body) + "\n");
}

int fail_with(const Answer& answer) {
    (void)std::fputs(fmt::format("phantom: {}\n", answer.error).c_str(), stderr);
    return static_cast<int>(answer.exit);
}

std::string printable(std::string_view text) {
    std::string out;
    for (const char each : text) {
        out += each >= ' ' && each <= '~' ? each : '?';
    }
    return out;
}

}  // namespace phantom::cli
