#pragma once

// Feeds that have a URL: fetched into the folder `fetched` by a thread of its own, one after the other, each when it
// is due (intel/fetch.h). What is fetched is a file like any other: whether it is good is looked at where all feeds
// are (feed_folder.h), and the last good version holds until then. Beside each file stands what the server said of
// it, so that the next time, also after a restart, only what is new is sent.

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "courier/download.h"
#include "intel/description.h"
#include "intel/fetch.h"

namespace phantom::daemon {

class FeedFetcher {
  public:
    struct View {
        std::string origin;
        WallTime fetched;
        WallTime checked;
        std::chrono::seconds next_in{0};
        unsigned failures = 0;  // in a row
        std::string problem;    // of the last try; empty: none
    };

    // `on_new` is called by the thread, after a file has changed.
    FeedFetcher(std::filesystem::path folder, std::function<void()> on_new);
    ~FeedFetcher();
    FeedFetcher(const FeedFetcher&) = delete;
    FeedFetcher& operator=(const FeedFetcher&) = delete;

    void start();
    // One thread at a time. Those that are named no more are forgotten, with their files.
    void follow(const std::vector<intel::FeedDescription>& feeds);
    // All of them, or the one of that name, at once. The number of this wish; none: there is no such feed.
    [[nodiscard]] std::optional<std::uint64_t> fetch_now(const std::string& name);
    // Of the last wish that is done.
    [[nodiscard]] std::uint64_t served() const;
    [[nodiscard]] std::map<std::string, View> view() const;

    [[nodiscard]] static std::filesystem::path file_of(
        const std::filesystem::path& folder, const std::string& name
    ) {
        return folder / "fetched" / name;
    }

  private:
    struct Feed {
        intel::FeedDescription about;
        intel::FetchState state;
        Instant due;
        unsigned failures = 0;
        std::string problem;
        std::uint64_t wished = 0;
    };

    void run();
    void fetch(std::string name, std::unique_lock<std::mutex>& lock);
    void note(Feed& feed, const courier::Downloaded& got, const std::string& problem);
    [[nodiscard]] std::map<std::string, Feed>::iterator most_due();
    [[nodiscard]] intel::FetchState kept_state(const intel::FeedDescription& about) const;
    [[nodiscard]] std::string keep(const intel::FetchState& state, const std::string& name) const;
    void remove_leftovers(const std::map<std::string, Feed>& followed) const;
    [[nodiscard]] std::filesystem::path state_file(const std::string& name) const {
        return folder_ / "fetched" / (name + ".state");
    }

    std::filesystem::path folder_;
    std::function<void()> on_new_;
    std::atomic<bool> stopping_{false};
    SystemRandom random_;

    mutable std::mutex mutex_;  // of what follows
    std::condition_variable wake_;
    std::map<std::string, Feed> feeds_;  // intel::kFeedsMax at most
    std::uint64_t wish_ = 0;
    std::thread thread_;
};

}  // namespace phantom::daemon
