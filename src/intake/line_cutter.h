#pragma once

// Bytes into lines. What is longer than a line may be is passed over up to its end, and counted.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "scenario/event.h"

namespace phantom::intake {

class LineCutter {
  public:
    using Sink = std::function<void(std::string_view line)>;

    // Lines without their ends; empty ones are left out.
    void add(std::string_view bytes, const Sink& sink);
    // What has no end yet is one.
    void finish(const Sink& sink);
    // Bytes that were added and belong to no line that was given away.
    [[nodiscard]] std::size_t pending() const { return pending_; }
    [[nodiscard]] std::uint64_t too_long() const { return too_long_; }

  private:
    void give(const Sink& sink);

    std::string line_;
    std::size_t pending_ = 0;
    bool is_too_long_ = false;
    std::uint64_t too_long_ = 0;
};

}  // namespace phantom::intake
