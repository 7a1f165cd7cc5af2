#pragma once

// The journal, through `journalctl -f -o json`: a child process and its lines. It is started again when it
// ends, later each time. Thread: the one that reads.

#include <cstdint>
#include <string>

#include <sys/types.h>

#include "base/clock.h"
#include "intake/line_cutter.h"
#include "io/fd.h"

namespace phantom::intake {

inline constexpr Duration kJournalRetryMin = std::chrono::seconds(1);
inline constexpr Duration kJournalRetryMax = std::chrono::minutes(5);
inline constexpr std::size_t kCursorSizeMax = 1'024;

class Journal {
  public:
    // `cursor` is where it was left; "" is now. `unit` is a unit's name or "all".
    Journal(std::string unit, std::string cursor);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    // Starts the child where it is time to; what it has written, at most `size_max` bytes. True: there may be
    // more.
    bool read(std::size_t size_max, Instant now, const LineCutter::Sink& sink);

    // -1 while there is no child.
    [[nodiscard]] int fd() const { return output_.get(); }
    [[nodiscard]] const std::string& cursor() const { return cursor_; }
    [[nodiscard]] std::uint64_t too_long() const { return cutter_.too_long(); }
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

  private:
    void start(Instant now);
    void end(Instant now);
    void keep_cursor(std::string_view line);

    std::string unit_;
    std::string cursor_;
    io::Fd output_;
    pid_t child_ = 0;
    LineCutter cutter_;
    Instant next_start_;
    Duration patience_ = kJournalRetryMin;
    std::string trouble_;
};

}  // namespace phantom::intake
