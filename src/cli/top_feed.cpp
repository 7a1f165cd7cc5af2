#include "cli/top_feed.h"

#include <cstdint>

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/assert.h"

namespace phantom::cli {

namespace {

constexpr std::chrono::seconds kFramePatience{2};

}  // namespace

Collected collect(const Places& places, const std::function<bool()>& is_wanted) {
    Answer status = ask(places, {{"verb", "status"}}, kFramePatience);
    if (status.exit != Exit::kOk) {
        return {.exit = status.exit, .problem = std::move(status.error), .answers = {}};
    }
    const auto answer = [&](const char* verb) {
        return is_wanted() ? ask(places, {{"verb", verb}}, kFramePatience).body
                           : boost::json::object{};
    };
    Collected out;
    out.answers = {
        .status = std::move(status.body),
        .alerts = answer("alerts"),
        .incidents = answer("incidents"),
        .actions = answer("actions"),
        .defence = answer("defence"),
        .playbook_status = answer("playbook.status"),
    };
    return out;
}

TopFeed::TopFeed(Places places, std::chrono::milliseconds interval)
    : places_(std::move(places)),
      interval_(interval),
      news_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { work(); }) {
    PM_ASSERT(news_.valid());
}

TopFeed::~TopFeed() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    stopped_.notify_one();
    thread_.join();
}

bool TopFeed::goes_on() {
    const std::lock_guard lock(mutex_);
    return !stop_;
}

void TopFeed::work() {
    std::unique_lock lock(mutex_);
    while (!stop_) {
        lock.unlock();
        Collected collected = collect(places_, [this] { return goes_on(); });
        News news{.problem = {}, .snapshot = {}, .at = monotonic_now()};
        if (collected.exit == Exit::kOk) {
            news.snapshot = top::read_snapshot(collected.answers);
        } else if (collected.exit == Exit::kNotRunning) {
            news.problem = "the node does not run any more; 'phantom up' starts it";
        } else {
            news.problem = std::move(collected.problem);
        }
        lock.lock();
        newest_ = std::move(news);
        const std::uint64_t one = 1;
        (void)!write(news_.get(), &one, sizeof one);
        stopped_.wait_for(lock, interval_, [this] { return stop_; });
    }
}

void TopFeed::take_into(top::Model& model) {
    std::uint64_t count = 0;
    (void)!read(news_.get(), &count, sizeof count);
    const std::lock_guard lock(mutex_);
    if (!newest_) {
        return;
    }
    if (newest_->problem.empty()) {
        top::take(model, std::move(newest_->snapshot), newest_->at);
    } else {
        top::lose(model, std::move(newest_->problem));
    }
    newest_.reset();
}

}  // namespace phantom::cli
