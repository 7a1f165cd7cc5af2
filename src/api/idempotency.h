#pragma once

// Idempotency-Key: a request that is sent again because its answer was lost is answered as the first time, and not done
// again. In memory: after a restart of the node a key is new. Pure.

#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "api/message.h"
#include "base/clock.h"

namespace phantom::api {

inline constexpr std::size_t kIdempotencyKeyMax = 128;
inline constexpr std::size_t kIdempotentMax = 2'048;
inline constexpr Duration kIdempotentLifetime = std::chrono::hours(24);

// Printable ASCII without blanks, 1 to kIdempotencyKeyMax.
[[nodiscard]] bool is_idempotency_key(std::string_view text);

class IdempotentRequests {
  public:
    enum class Verdict { kNew, kInProgress, kDone, kOther, kFull };

    // `key` with whose it is; `print`: a hash of the request. kNew: it is noted as in progress; say done() or drop().
    [[nodiscard]] Verdict begin(const std::string& key, const std::string& print, Instant now);
    void done(const std::string& key, Response response);
    void drop(const std::string& key);
    // Of one that is kDone.
    [[nodiscard]] const Response& response_of(const std::string& key) const;

  private:
    struct Entry {
        std::string print;
        Instant at;
        bool is_done = false;
        Response response;
        std::list<std::string>::iterator place;
    };
    void forget(const std::string& key);
    // False: all are in progress.
    [[nodiscard]] bool make_room(Instant now);

    std::unordered_map<std::string, Entry> entries_;
    std::list<std::string> by_age_;  // the oldest first
};

}  // namespace phantom::api
