#include "cli/shares.h"

#include <cstdio>
#include <fstream>
#include <iostream>

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

namespace phantom::cli {

namespace {

// No split has more.
constexpr std::size_t kShareLinesMax = 16;
constexpr std::size_t kShareLineSizeMax = 1'024;

// A terminal shows nothing of what is typed while this lives.
class HiddenInput {
  public:
    HiddenInput() : is_terminal_(tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (is_terminal_) {
            termios hidden = before_;
            hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
            (void)tcsetattr(STDIN_FILENO, TCSANOW, &hidden);
        }
    }
    ~HiddenInput() {
        if (is_terminal_) {
            (void)tcsetattr(STDIN_FILENO, TCSANOW, &before_);
        }
    }
    HiddenInput(const HiddenInput&) = delete;
    HiddenInput& operator=(const HiddenInput&) = delete;
    [[nodiscard]] bool is_terminal() const { return is_terminal_; }

  private:
    termios before_{};
    bool is_terminal_;
};

std::string trimmed(const std::string& line) {
    constexpr const char* kBlanks = " \t\r";
    const std::size_t begin = line.find_first_not_of(kBlanks);
    return begin == std::string::npos
               ? ""
               : line.substr(begin, line.find_last_not_of(kBlanks) - begin + 1);
}

std::expected<std::vector<std::string>, std::string> read_lines(
    std::istream& in, bool ends_when_empty
) {
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) {
        line = trimmed(line);
        if (line.empty() && ends_when_empty) {
            break;
        }
        if (line.size() > kShareLineSizeMax || lines.size() == kShareLinesMax) {
            return std::unexpected(
                fmt::format("these are no shares of a root: {} lines at most", kShareLinesMax)
            );
        }
        if (!line.empty()) {
            lines.push_back(std::move(line));
        }
    }
    return lines;
}

}  // namespace

std::expected<std::vector<std::string>, std::string> read_shares(const std::string& file) {
    if (file != "-") {
        std::ifstream in(file);
        if (!in.is_open()) {
            return std::unexpected(fmt::format("cannot read {}", file));
        }
        return read_lines(in, false);
    }
    const HiddenInput hidden;
    if (hidden.is_terminal()) {
        std::fputs("Shares, one a line; an empty line ends. They are not shown.\n", stderr);
    }
    return read_lines(std::cin, hidden.is_terminal());
}

}  // namespace phantom::cli
