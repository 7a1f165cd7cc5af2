#include "cli/down.h"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/output.h"
#include "io/fd.h"

namespace phantom::cli {

namespace {

using namespace std::chrono_literals;

constexpr auto kDownPatience = 10s;
constexpr auto kDownLook = 50ms;

// Invalid where it cannot be followed: of another PID namespace, or a kernel before 5.3.
io::Fd process_of(const Places& places) {
    pid_t pid = 0;
    if (!(std::ifstream(places.run_dir + "/phantomd.pid") >> pid) || pid <= 0) {
        return {};
    }
    return io::Fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
}

bool ends(const io::Fd& process) {
    pollfd wait{.fd = process.get(), .events = POLLIN, .revents = 0};
    return poll(&wait, 1, static_cast<int>(std::chrono::milliseconds(kDownPatience).count())) == 1;
}

bool falls_silent(const Places& places) {
    for (auto waited = 0ms; waited < kDownPatience; waited += kDownLook) {
        if (ask(places, {{"verb", "version"}}).exit == Exit::kNotRunning) {
            return true;
        }
        std::this_thread::sleep_for(kDownLook);
    }
    return false;
}

}  // namespace

int down(const Arguments& arguments) {
    const io::Fd process = process_of(arguments.places);
    const Answer answer = ask(arguments.places, {{"verb", "down"}});
    if (answer.exit != Exit::kOk) {
        return fail_with(answer);
    }
    if (process.valid() ? ends(process) : falls_silent(arguments.places)) {
        return 0;
    }
    std::fputs("phantom: the daemon has not ended after 10 s\n", stderr);
    return static_cast<int>(Exit::kFailed);
}

}  // namespace phantom::cli
