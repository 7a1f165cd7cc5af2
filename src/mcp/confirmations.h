#pragma once

// What was said would be done, until somebody says to do it. A confirmation is of one tool with these very arguments,
// works once and for a while. No I/O.

#include <deque>
#include <string>

#include <boost/json.hpp>

#include "base/clock.h"
#include "base/random.h"

namespace phantom::mcp {

inline constexpr std::size_t kConfirmationsMax = 16;  // the oldest one gives way
inline constexpr std::chrono::seconds kConfirmationLife{300};

class Confirmations {
  public:
    // Of `arguments` without a confirmation.
    [[nodiscard]] std::string give(
        const std::string& tool, const boost::json::object& arguments, Instant now, Random& random
    );
    enum class Verdict : std::uint8_t { kGood, kUnknown, kExpired, kOfSomethingElse };
    // It is used up, also where it is of something else.
    [[nodiscard]] Verdict take(
        const std::string& confirmation, const std::string& tool,
        const boost::json::object& arguments, Instant now
    );

  private:
    struct Given {
        std::string confirmation;
        std::string tool;
        boost::json::object arguments;
        Instant at;
    };
    std::deque<Given> given_;
};

}  // namespace phantom::mcp
