#pragma once

// Going into the background the way wg-quick expects: the caller's process ends only when the
// daemon is ready, and with its verdict.

#include <optional>
#include <string>

#include "base/result.h"
#include "daemon/errors.h"
#include "io/fd.h"

namespace phantom::daemon {

class Background {
  public:
    // Forks. In the parent: waits for the child's verdict and returns the exit status to end with.
    // In the child: none; it must call ready() or die. Call before any thread is started.
    [[nodiscard]] static Result<std::optional<int>> enter(Background& background, bool keep_output);

    // From here on output goes to `log_path` (appended to), or nowhere.
    void ready(const std::string& log_path = {});
    // After the log file was moved away. Nothing where output is the caller's.
    void reopen_log(const std::string& log_path) const;

  private:
    io::Fd verdict_;
    bool keep_output_ = false;
    bool redirected_ = false;
};

}  // namespace phantom::daemon
