#pragma once

// The lines of a log that is replayed.

#include <fstream>
#include <string>

#include "cli/progress.h"

namespace phantom::cli {

class LogFile {
  public:
    // "-" is standard input.
    explicit LogFile(const std::string& name);

    [[nodiscard]] bool is_open() const { return from_ != nullptr; }
    // Without its end; empty ones are left out. What is beyond the longest line that anybody reads is not kept.
    [[nodiscard]] bool next(std::string& line);
    [[nodiscard]] bool has_failed() const;

  private:
    Progress progress_;
    std::ifstream file_;
    std::istream* from_ = nullptr;
};

}  // namespace phantom::cli
