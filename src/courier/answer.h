#pragma once

// What came of a try, and what that means.

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace phantom::courier {

struct Answer {
    enum class Kind : std::uint8_t {
        kHttp,  // `status` is HTTP's
        kMail,  // `status` is the last that the mail server said; `is_taken` that it has the mail
        kNoAnswer,    // no connection, a reset, a time-out, no TLS
        kImpossible,  // our own doing: an address that is none
    };

    Kind kind = Kind::kNoAnswer;
    int status = 0;
    bool is_taken = false;
    bool is_denied = false;  // HTTP says yes and its body no
    Duration retry_after{0};
    std::string text;  // for people; of the server's own words only what can be printed
};

enum class Verdict : std::uint8_t { kDelivered, kRetry, kRefused };

[[nodiscard]] Verdict judge(const Answer& answer);

}  // namespace phantom::courier
