#pragma once

// Sends one body over http or https and forgets what is said to it: for what may be lost, and has a queue of its own.
// What must not be lost goes by outgoing.h.
//
// Blocks its thread, for `timeout` at most; another one can end it early. No redirect is followed.

#include <atomic>
#include <chrono>
#include <string>

namespace phantom::courier {

struct PostRequest {
    std::string url;
    std::string content_type;
    std::string body;
    std::chrono::milliseconds timeout{5'000};  // of the whole
};

struct Posted {
    enum class Kind : std::uint8_t {
        kTaken,    // 200 to 299
        kLater,    // no connection, a time-out, 429, 502, 503, 504
        kRefused,  // any other status
        kStopped,
    };
    Kind kind = Kind::kLater;
    int status = 0;
    std::string problem;  // for people; one line of ASCII
};

[[nodiscard]] Posted post(const PostRequest& request, const std::atomic<bool>& stop);

}  // namespace phantom::courier
