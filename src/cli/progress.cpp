#include "cli/progress.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "terminal/canvas.h"
#include "terminal/screen.h"

namespace phantom::cli {

namespace {

constexpr std::chrono::milliseconds kFirstAfter{500};
constexpr std::chrono::milliseconds kAgainAfter{100};
constexpr int kBarColumns = 24;

}  // namespace

Progress::Progress(std::string what, std::uint64_t total, const std::string& out)
    : what_(std::move(what)),
      total_(total),
      is_on_(
          total != 0 && isatty(STDERR_FILENO) == 1 && (out != "-" || isatty(STDOUT_FILENO) != 1)
      ),
      begin_(std::chrono::steady_clock::now()),
      next_(begin_ + kFirstAfter) {}

void Progress::end() {
    if (std::exchange(is_shown_, false)) {
        (void)std::fputs("\r\x1b[K", stderr);
    }
}

void Progress::add(std::uint64_t bytes) {
    done_ += bytes;
    if (!is_on_) {
        return;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) {
        return;
    }
    next_ = now + kAgainAfter;
    is_shown_ = true;
    const std::string line = progress_line(
        what_, static_cast<double>(done_) / static_cast<double>(total_),
        std::chrono::duration<double>(now - begin_).count(), terminal::Screen::size().width - 1
    );
    (void)std::fputs(("\r" + line + "\x1b[K").c_str(), stderr);
}

std::string progress_line(const std::string& what, double part, double elapsed_s, int columns) {
    const double done = std::clamp(part, 0.0, 1.0);
    const auto full = static_cast<std::size_t>(done * kBarColumns);
    const std::string left =
        done > 0 ? fmt::format("  {:.0f} s left", elapsed_s / done - elapsed_s) : "";
    return terminal::cut_to(
        fmt::format(
            "{}  [{:<{}}] {:3.0f} %{}", what, std::string(full, '#'), kBarColumns, done * 100, left
        ),
        columns, "~"
    );
}

std::uint64_t size_of_file(const std::string& name) {
    std::error_code error;
    const bool is_file = std::filesystem::is_regular_file(name, error);
    const std::uintmax_t size = is_file ? std::filesystem::file_size(name, error) : 0;
    return error ? 0 : size;
}

}  // namespace phantom::cli
