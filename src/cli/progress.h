#pragma once

// How far long work has come, on the terminal of whoever waits. Nothing is shown where standard error is no terminal, or
// what the work writes goes to the same one; nor of what is done at once.

#include <chrono>
#include <cstdint>
#include <string>

namespace phantom::cli {

class Progress final {
  public:
    // `total` bytes; 0: not known, and nothing is shown. `out`: the file that is written meanwhile, "-" for standard
    // output.
    Progress(std::string what, std::uint64_t total, const std::string& out);
    ~Progress() { end(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void add(std::uint64_t bytes);
    // Takes the line away: what is said next begins at the left.
    void end();

  private:
    std::string what_;
    std::uint64_t total_;
    std::uint64_t done_ = 0;
    bool is_on_ = false;
    bool is_shown_ = false;
    std::chrono::steady_clock::time_point begin_;
    std::chrono::steady_clock::time_point next_;
};

// "reading big.pcap  [#####               ]  27 %  8 s left", at most `columns` wide; `elapsed_s` of it has passed.
[[nodiscard]] std::string progress_line(
    const std::string& what, double part, double elapsed_s, int columns
);
// 0 where it is no file of known size.
[[nodiscard]] std::uint64_t size_of_file(const std::string& name);

}  // namespace phantom::cli
