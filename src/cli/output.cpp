#include "cli/output.h"

#include <cstdio>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace phantom::cli {

namespace {

// What is said while somebody collects it.
std::optional<std::string>& captured() {
    static std::optional<std::string> text;
    return text;
}

}  // namespace

void begin_capture() {
    captured() = "";
}

std::string end_capture() {
    return std::exchange(captured(), std::nullopt).value_or("");
}

void print(const std::string& text) {
    if (std::optional<std::string>& kept = captured()) {
        *kept += text;
        return;
    }
    (void)std::fwrite(text.data(), 1, text.size(), stdout);
    (void)std::fflush(stdout);
}

void print_json(const boost::json::object& body) {
    print(boost::json::serialize(body) + "\n");
}

int fail_with(const Answer& answer) {
    const std::string text = fmt::format("phantom: {}\n", answer.error);
    if (std::optional<std::string>& kept = captured()) {
        *kept += text;
    } else {
        (void)std::fputs(text.c_str(), stderr);
    }
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
