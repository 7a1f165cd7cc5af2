#pragma once

// Fetches one file over http or https, if it is another than the one that is there: bounded in size and time.
//
//     const Downloaded got = download({.url = url, .etag = etag, .size_max = 64 << 20}, stop);
//     if (got.kind == Downloaded::Kind::kNew) { ... got.body ... }
//
// Blocks its thread, for `timeout` at most; another one can end it early. Redirects are followed within http and
// https only, never from https to http, and none leads to this machine that did not begin there. What is longer
// than `size_max`, unpacked, is hung up on. A form may be sent instead of asking for a file: then none is followed.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace phantom::courier {

inline constexpr long kRedirectsMax = 5;
// What of a server's words is sent back to it, or shown.
inline constexpr std::size_t kValidatorSizeMax = 256;
inline constexpr std::chrono::seconds kDownloadRetryAfterMax{86'400};

struct DownloadRequest {
    std::string url;
    // As the server said them last time; empty: not known, then it sends the file in any case.
    std::string etag;
    std::string last_modified;
    std::string ca_file;  // trusted instead of the system's
    std::string form;     // "a=b&c=d", sent by POST; empty: a file is asked for
    // HTTP Basic (RFC 7617); an empty name: nobody asks.
    std::string user;
    std::string password;
    std::size_t size_max = 0;
    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds timeout{60'000};  // of the whole
    // Hung up on: less than so many bytes a second for so long.
    long slow_bytes_per_s = 1'000;
    std::chrono::seconds slow_for{20};
};

struct Downloaded {
    enum class Kind : std::uint8_t {
        kNew,
        kUnchanged,  // 304
        kRefused,    // the server says no: `status`
        kFailed,  // no connection, a time-out, cut off, too long, a redirect that is not followed
        kStopped,
    };

    Kind kind = Kind::kFailed;
    int status = 0;
    std::string body;
    std::string etag;
    std::string last_modified;
    std::int64_t modified_s = 0;  // since 1970, as the server says; 0: it does not
    std::chrono::seconds retry_after{0};
    std::string problem;  // for people; one line of ASCII
};

[[nodiscard]] Downloaded download(const DownloadRequest& request, const std::atomic<bool>& stop);

}  // namespace phantom::courier
