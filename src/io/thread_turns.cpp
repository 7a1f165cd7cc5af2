#include "io/thread_turns.h"

#include <cstdint>

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace phantom::io {

namespace {

// sched_setattr(2) has no wrapper in glibc before 2.41; this is its first version.
struct SchedulingAttributes {
    std::uint32_t size = sizeof(SchedulingAttributes);
    std::uint32_t policy = 0;  // SCHED_OTHER
    std::uint64_t flags = 0;
    std::int32_t nice = 0;
    std::uint32_t priority = 0;
    std::uint64_t runtime_ns = 0;
    std::uint64_t deadline_ns = 0;
    std::uint64_t period_ns = 0;
};

constexpr rlim_t kLimitOfFullShare = 20;  // setrlimit(2), RLIMIT_NICE: 20 - nice

}  // namespace

void ask_for_turns_of(Duration length) {
    SchedulingAttributes attributes;
    if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0U) != 0) {
        return;
    }
    attributes.size = sizeof attributes;
    attributes.runtime_ns = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(length).count()
    );
    (void)syscall(SYS_sched_setattr, 0, &attributes, 0U);
}

void take_share(int nice) {
    (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), nice);
}

void allow_full_share() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NICE, &limit) == 0 && limit.rlim_cur < kLimitOfFullShare) {
        limit.rlim_cur = kLimitOfFullShare;
        limit.rlim_max = limit.rlim_max < kLimitOfFullShare ? kLimitOfFullShare : limit.rlim_max;
        (void)setrlimit(RLIMIT_NICE, &limit);
    }
}

}  // namespace phantom::io
