#include "daemon/background.h"

#include <array>
#include <cerrno>
#include <cstdint>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace phantom::daemon {

namespace {

constexpr mode_t kLogMode = 0600;

void redirect_output(bool keep_output, const std::string& log_path) {
    const io::Fd null(open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!null.valid()) {
        return;
    }
    (void)dup2(null.get(), STDIN_FILENO);
    if (keep_output) {
        return;
    }
    const io::Fd log(
        log_path.empty()
            ? -1
            : open(
                  log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, kLogMode
              )
    );
    const int output = log.valid() ? log.get() : null.get();
    (void)dup2(output, STDOUT_FILENO);
    (void)dup2(output, STDERR_FILENO);
}

int await_verdict(int fd, pid_t child) {
    std::uint8_t verdict = 0;
    ssize_t got = 0;
    do {
        got = read(fd, &verdict, 1);
    } while (got < 0 && errno == EINTR);
    if (got == 1) {
        return 0;
    }
    int status = 0;
    (void)waitpid(child, &status, 0);
    return 1;
}

}  // namespace

Result<std::optional<int>> Background::enter(Background& background, bool keep_output) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        return fail(DaemonError::kFork, static_cast<std::uint32_t>(errno));
    }
    const io::Fd reading(ends[0]);
    io::Fd writing(ends[1]);
    const pid_t child = fork();
    if (child < 0) {
        return fail(DaemonError::kFork, static_cast<std::uint32_t>(errno));
    }
    if (child > 0) {
        writing.reset();
        return std::optional<int>(await_verdict(reading.get(), child));
    }
    (void)setsid();
    (void)!chdir("/");
    // Errors up to ready() still reach the caller's terminal.
    background.verdict_ = std::move(writing);
    background.keep_output_ = keep_output;
    return std::optional<int>();
}

void Background::ready(const std::string& log_path) {
    if (!verdict_.valid()) {
        return;
    }
    redirect_output(keep_output_, log_path);
    const std::uint8_t ok = 1;
    (void)!write(verdict_.get(), &ok, 1);
    verdict_.reset();
    redirected_ = true;
}

void Background::reopen_log(const std::string& log_path) const {
    if (redirected_) {
        redirect_output(keep_output_, log_path);
    }
}

}  // namespace phantom::daemon
