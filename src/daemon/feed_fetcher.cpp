#include "daemon/feed_fetcher.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <pthread.h>

#include "base/log.h"
#include "daemon/whole_file.h"
#include "io/thread_turns.h"

namespace phantom::daemon {

namespace {

namespace fs = std::filesystem;
using FetchKind = courier::Downloaded::Kind;

// Also without a wake-up.
constexpr std::chrono::seconds kFetcherSleepMax(60);

courier::DownloadRequest download_of(
    const intel::FeedDescription& about, const intel::FetchState& state
) {
    courier::DownloadRequest request;
    request.url = about.url;
    request.etag = state.etag;
    request.last_modified = state.last_modified;
    request.ca_file = about.ca;
    request.size_max = intel::kFeedSizeMax;
    return request;
}

// A feed is as old as its server says, where that can be.
WallTime age_of_download(const courier::Downloaded& got, WallTime now) {
    constexpr std::int64_t kNsPerFetchSecond = 1'000'000'000;
    const bool is_time = got.modified_s > 0 && got.modified_s < now.ns / kNsPerFetchSecond;
    return is_time ? WallTime{got.modified_s * kNsPerFetchSecond} : now;
}

}  // namespace

FeedFetcher::FeedFetcher(fs::path folder, std::function<void()> on_new)
    : folder_(std::move(folder)), on_new_(std::move(on_new)) {}

FeedFetcher::~FeedFetcher() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_.store(true);
    }
    wake_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void FeedFetcher::start() {
    thread_ = std::thread([this] { run(); });
    pthread_setname_np(thread_.native_handle(), "feed fetcher");
}

// ---- What is to be fetched --------------------------------------------------------------------------

void FeedFetcher::follow(const std::vector<intel::FeedDescription>& feeds) {
    // The disk is asked before the lock is taken: who shows what is known does not wait for it.
    std::map<std::string, Feed> followed;
    for (const intel::FeedDescription& about : feeds) {
        if (!about.url.empty()) {
            Feed& feed = followed[about.name];
            feed.about = about;
            feed.state = kept_state(about);
        }
    }
    remove_leftovers(followed);
    const WallTime now = wall_now();
    const Instant at = monotonic_now();
    const std::scoped_lock lock(mutex_);
    for (auto& [name, feed] : followed) {
        const auto known = feeds_.find(name);
        if (known == feeds_.end() || known->second.about.url != feed.about.url) {
            feed.due = at + intel::first_wait(feed.state, feed.about.interval, now);
            continue;
        }
        const intel::FeedDescription about = std::move(feed.about);
        const bool is_other = known->second.about.interval != about.interval;
        feed = std::move(known->second);
        feed.due = is_other ? std::min(feed.due, at + about.interval) : feed.due;
        feed.about = about;
    }
    feeds_ = std::move(followed);
    wake_.notify_one();
}

// Of another URL than now, or of a file that is not there any more, nothing is known.
intel::FetchState FeedFetcher::kept_state(const intel::FeedDescription& about) const {
    intel::FetchState unknown;
    unknown.url = about.url;
    const auto kept = read_whole(state_file(about.name), intel::kFetchStateSizeMax);
    if (!kept || mark_of(file_of(folder_, about.name)).empty()) {
        return unknown;
    }
    auto state = intel::fetch_state_from(kept->text);
    if (!state) {
        log::warning("feeds: {}: {}", about.name, state.error().to_string());
        return unknown;
    }
    return state->url == about.url ? *std::move(state) : unknown;
}

// A feed's name has no dot: what is behind one is ours (".state", and ".new" of what is being written).
void FeedFetcher::remove_leftovers(const std::map<std::string, Feed>& followed) const {
    std::error_code error;
    for (fs::directory_iterator at(folder_ / "fetched", error), end; !error && at != end;
         at.increment(error)) {
        const std::string name = at->path().filename().string();
        if (!followed.contains(name.substr(0, name.find('.')))) {
            std::error_code ignored;
            fs::remove(at->path(), ignored);
        }
    }
}

std::optional<std::uint64_t> FeedFetcher::fetch_now(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    if (!name.empty() && !feeds_.contains(name)) {
        return std::nullopt;
    }
    ++wish_;
    for (auto& [each, feed] : feeds_) {
        if (name.empty() || each == name) {
            feed.wished = wish_;
            feed.due = monotonic_now();
        }
    }
    wake_.notify_one();
    return wish_;
}

std::uint64_t FeedFetcher::served() const {
    const std::scoped_lock lock(mutex_);
    std::uint64_t open = wish_ + 1;
    for (const auto& [name, feed] : feeds_) {
        open = feed.wished == 0 ? open : std::min(open, feed.wished);
    }
    return open - 1;
}

std::map<std::string, FeedFetcher::View> FeedFetcher::view() const {
    const Instant now = monotonic_now();
    const std::scoped_lock lock(mutex_);
    std::map<std::string, View> views;
    for (const auto& [name, feed] : feeds_) {
        views[name] = {
            .origin = intel::origin_of(feed.about.url),
            .fetched = feed.state.fetched,
            .checked = feed.state.checked,
            .next_in = std::chrono::duration_cast<std::chrono::seconds>(
                std::max(feed.due - now, Duration(0))
            ),
            .failures = feed.failures,
            .problem = feed.problem,
        };
    }
    return views;
}

// ---- The thread -------------------------------------------------------------------------------------

std::map<std::string, FeedFetcher::Feed>::iterator FeedFetcher::most_due() {
    return std::ranges::min_element(feeds_, {}, [](const auto& each) { return each.second.due; });
}

void FeedFetcher::run() {
    io::take_share(io::kLeastShare);
    std::unique_lock lock(mutex_);
    while (!stopping_.load(std::memory_order_relaxed)) {
        const auto next = most_due();
        const Instant now = monotonic_now();
        if (next != feeds_.end() && next->second.due <= now) {
            fetch(next->first, lock);
            continue;
        }
        const Duration wait =
            next == feeds_.end() ? Duration(kFetcherSleepMax) : next->second.due - now;
        wake_.wait_for(lock, std::min(wait, Duration(kFetcherSleepMax)));
    }
}

// The lock is held but while the server is asked and the disk written: others see what was known before.
// NOLINTNEXTLINE(performance-unnecessary-value-param): the feed that it was taken from may be gone by then
void FeedFetcher::fetch(std::string name, std::unique_lock<std::mutex>& lock) {
    const intel::FeedDescription about = feeds_.at(name).about;
    intel::FetchState state = feeds_.at(name).state;
    const std::uint64_t wished = feeds_.at(name).wished;
    lock.unlock();
    courier::Downloaded got = courier::download(download_of(about, state), stopping_);
    std::string problem = got.problem;
    const WallTime now = wall_now();
    if (got.kind == FetchKind::kNew) {
        const auto kept = keep_whole(
            file_of(folder_, name),
            {.text = std::move(got.body), .modified = age_of_download(got, now)}
        );
        problem = kept ? "" : kept.error();
        state.etag = got.etag;
        state.last_modified = got.last_modified;
        state.fetched = now;
    }
    const bool is_good =
        problem.empty() && (got.kind == FetchKind::kNew || got.kind == FetchKind::kUnchanged);
    if (is_good) {
        state.checked = now;
        problem = keep(state, name);
    }
    lock.lock();
    const auto feed = feeds_.find(name);
    if (feed == feeds_.end() || feed->second.about.url != about.url ||
        got.kind == FetchKind::kStopped) {
        return;
    }
    if (is_good) {
        feed->second.state = std::move(state);
    }
    if (feed->second.wished == wished) {
        feed->second.wished = 0;
    }
    note(feed->second, got, problem);
    if (feed->second.wished != 0) {
        feed->second.due = monotonic_now();  // wished for while this was under way
    }
    if (is_good && got.kind == FetchKind::kNew) {
        lock.unlock();
        on_new_();
        lock.lock();
    }
}

void FeedFetcher::note(Feed& feed, const courier::Downloaded& got, const std::string& problem) {
    const Instant now = monotonic_now();
    if (problem.empty()) {
        feed.failures = 0;
        feed.due = now + intel::wait_after_success(feed.about.interval, random_);
    } else {
        feed.failures += feed.failures < UINT32_MAX ? 1 : 0;
        feed.due =
            now +
            intel::wait_after_failure(feed.failures, feed.about.interval, got.retry_after, random_);
        if (problem != feed.problem) {
            log::warning(
                "feeds: {}: {}: {}", feed.about.name, intel::origin_of(feed.about.url), problem
            );
        }
    }
    feed.problem = problem;
}

std::string FeedFetcher::keep(const intel::FetchState& state, const std::string& name) const {
    const auto kept =
        keep_whole(state_file(name), {.text = intel::to_record(state), .modified = wall_now()});
    return kept ? "" : kept.error();
}

}  // namespace phantom::daemon
