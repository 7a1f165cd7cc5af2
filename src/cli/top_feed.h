#pragma once

// Asks the daemon again and again, in a thread of its own, so that a daemon that thinks does not hold up the keys.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "cli/client.h"
#include "io/fd.h"
#include "top/model.h"
#include "top/snapshot.h"

namespace phantom::cli {

struct Collected {
    Exit exit = Exit::kOk;
    std::string problem;  // where exit is not kOk
    top::Answers answers;
};
// All answers that a frame is made of. What one verb fails with is left empty, but for `status`; so is what is not
// wanted any more.
[[nodiscard]] Collected collect(const Places& places, const std::function<bool()>& is_wanted);

class TopFeed final {
  public:
    TopFeed(Places places, std::chrono::milliseconds interval);
    // Waits for the answer that is under way, two seconds at most.
    ~TopFeed();
    TopFeed(const TopFeed&) = delete;
    TopFeed& operator=(const TopFeed&) = delete;

    // Can be read when take_into() has something.
    [[nodiscard]] int descriptor() const { return news_.get(); }
    // The newest answers, or why there are none.
    void take_into(top::Model& model);

  private:
    struct News {
        std::string problem;
        top::Snapshot snapshot;
        Instant at;
    };
    void work();
    [[nodiscard]] bool goes_on();

    Places places_;
    std::chrono::milliseconds interval_;
    io::Fd news_;  // an eventfd
    std::mutex mutex_;
    std::condition_variable stopped_;
    bool stop_ = false;
    std::optional<News> newest_;  // older ones have nothing to say any more
    std::thread thread_;
};

}  // namespace phantom::cli
