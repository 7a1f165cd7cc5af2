#pragma once

// epoll for the control thread: descriptors and what to do when they become readable.
// Thread: the one that calls run_once. A handler may add and remove descriptors, its own included.

#include <functional>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"
#include "io/errors.h"
#include "io/fd.h"

namespace phantom::io {

class EventLoop {
  public:
    using Handler = std::function<void()>;

    [[nodiscard]] static Result<EventLoop> create();

    // Level triggered. `fd` stays the caller's and must be removed before it is closed.
    [[nodiscard]] Status add(int fd, Handler handler);
    // `writable` asks for room to write as well.
    [[nodiscard]] Status watch_writable(int fd, bool writable);
    void remove(int fd);

    // Waits at most `timeout` (negative: for ever), then runs the handlers that are due.
    [[nodiscard]] Status run_once(Duration timeout);

  private:
    explicit EventLoop(Fd epoll) : epoll_(std::move(epoll)) {}

    Fd epoll_;
    std::unordered_map<int, Handler> handlers_;
};

// Wakes a thread that waits on its descriptor.
class WakeUp {
  public:
    WakeUp();
    [[nodiscard]] int fd() const { return fd_.get(); }
    void signal();
    void drain();

  private:
    Fd fd_;
};

}  // namespace phantom::io
