#include "io/event_loop.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "base/assert.h"

namespace phantom::io {

namespace {
constexpr std::size_t kEventsPerWait = 64;
}

Result<EventLoop> EventLoop::create() {
    Fd epoll(epoll_create1(EPOLL_CLOEXEC));
    if (!epoll.valid()) {
        return fail_errno(IoError::kEpoll);
    }
    return EventLoop(std::move(epoll));
}

Status EventLoop::add(int fd, Handler handler) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
        return fail_errno(IoError::kEpoll);
    }
    handlers_[fd] = std::move(handler);
    return {};
}

Status EventLoop::watch_writable(int fd, bool writable) {
    epoll_event event{
        .events = EPOLLIN | (writable ? static_cast<unsigned>(EPOLLOUT) : 0U), .data = {.fd = fd}
    };
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) != 0) {
        return fail_errno(IoError::kEpoll);
    }
    return {};
}

void EventLoop::remove(int fd) {
    if (handlers_.erase(fd) != 0) {
        (void)epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
    }
}

Status EventLoop::run_once(Duration timeout) {
    std::array<epoll_event, kEventsPerWait> events{};
    int timeout_ms = -1;
    if (timeout >= Duration::zero()) {
        // Rounded up, so that a timer is due when we wake.
        constexpr std::int64_t kNsPerMs = 1'000'000;
        constexpr std::int64_t kWaitMsMax = 60'000;
        timeout_ms =
            static_cast<int>(std::min(kWaitMsMax, (timeout.count() + kNsPerMs - 1) / kNsPerMs));
    }
    const int count = epoll_wait(epoll_.get(), events.data(), kEventsPerWait, timeout_ms);
    if (count < 0) {
        return errno == EINTR ? Status{} : fail_errno(IoError::kEpoll);
    }
    for (int index = 0; index < count; ++index) {
        // Looked up anew: an earlier handler may have removed this one. Copied: it may remove
        // itself.
        const auto found = handlers_.find(events[static_cast<std::size_t>(index)].data.fd);
        if (found != handlers_.end()) {
            const Handler handler = found->second;
            handler();
        }
    }
    return {};
}

WakeUp::WakeUp() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    PM_ASSERT(fd_.valid());
}

void WakeUp::signal() {
    const std::uint64_t one = 1;
    (void)!::write(fd_.get(), &one, sizeof one);
}

void WakeUp::drain() {
    std::uint64_t count = 0;
    (void)!::read(fd_.get(), &count, sizeof count);
}

}  // namespace phantom::io
