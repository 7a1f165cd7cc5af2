#include "cli/watch.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/output.h"
#include "terminal/screen.h"

namespace phantom::cli {

namespace {

std::string time_of_day() {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    (void)localtime_r(&now, &local);
    return fmt::format("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min, local.tm_sec);
}

}  // namespace

std::string in_place(const std::string& text, int height) {
    std::string out = "\x1b[H";
    std::size_t at = 0;
    for (int line = 0; line < height && at < text.size(); ++line) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        // The last line has no end: it would move all of them up.
        out += (line == 0 ? "" : "\r\n") + text.substr(at, end - at) + "\x1b[K";
        at = end + 1;
    }
    return out + "\x1b[J";
}

int watch(const std::string& path, double interval_s, const std::function<int()>& show) {
    const auto interval = std::chrono::duration<double>(interval_s);
    const bool on_terminal = isatty(STDOUT_FILENO) == 1;
    if (on_terminal) {
        print("\x1b[H\x1b[2J");
    }
    for (;;) {
        if (!on_terminal) {
            if (const int status = show(); status != 0) {
                return status;
            }
        } else {
            begin_capture();
            (void)show();
            const std::string head =
                fmt::format("phantom {}, every {:g} s, {}\n\n", path, interval_s, time_of_day());
            print(in_place(head + end_capture(), terminal::Screen::size().height));
        }
        std::this_thread::sleep_for(interval);
    }
}

}  // namespace phantom::cli
