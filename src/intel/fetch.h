#pragma once

// When a feed is fetched again, and what is remembered of it over a restart. Pure: daemon/feed_fetcher.h fetches.

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "intel/indicator.h"

namespace phantom::intel {

inline constexpr std::size_t kFetchUrlSizeMax = 2'048;
inline constexpr std::size_t kFetchStateSizeMax = 16U << 10U;
// After the first failure; it doubles with each, to the feed's interval or kFetchBackoffMax.
inline constexpr std::chrono::seconds kFetchBackoffFirst{60};
inline constexpr std::chrono::seconds kFetchBackoffMax = std::chrono::hours(6);
// However long a server says that it wants to be left alone.
inline constexpr std::chrono::seconds kFetchRetryAfterMax = std::chrono::hours(24);

struct FetchState {
    std::string url;   // of which all this is
    std::string etag;  // as the server said them
    std::string last_modified;
    WallTime fetched;  // the file that is there came then; never: there is none
    WallTime checked;  // the server last said that this is the newest one
    friend bool operator==(const FetchState&, const FetchState&) = default;
};
[[nodiscard]] std::string to_record(const FetchState& state);
[[nodiscard]] OrFault<FetchState> fetch_state_from(std::string_view record);

// After a success: the interval and up to a tenth more or less, so that not all nodes of a mesh come at once.
[[nodiscard]] std::chrono::seconds wait_after_success(
    std::chrono::seconds interval, Random& random
);
// After the n-th failure in a row, from 1; `retry_after` as the server said it, 0: it did not.
[[nodiscard]] std::chrono::seconds wait_after_failure(
    unsigned failures, std::chrono::seconds interval, std::chrono::seconds retry_after,
    Random& random
);
// At the start: what is left of the interval since the server last said something.
[[nodiscard]] std::chrono::seconds first_wait(
    const FetchState& state, std::chrono::seconds interval, WallTime now
);

// http or https, printable ASCII, a host, nobody's name or password in it.
[[nodiscard]] bool is_fetch_url(std::string_view url);
// Scheme, host and port: the rest may be secret.
[[nodiscard]] std::string origin_of(std::string_view url);

}  // namespace phantom::intel
