#include "io/command.h"

#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/fd.h"

namespace phantom::io {

namespace {

// What posix_spawn needs: no input, no output, no blocked signals.
class SpawnPreparation {
  public:
    SpawnPreparation() {
        posix_spawn_file_actions_init(&files_);
        posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDWR, 0);
        posix_spawn_file_actions_adddup2(&files_, STDIN_FILENO, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&files_, STDIN_FILENO, STDERR_FILENO);
        posix_spawnattr_init(&attributes_);
        sigset_t none;
        sigemptyset(&none);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK);
    }
    ~SpawnPreparation() {
        posix_spawn_file_actions_destroy(&files_);
        posix_spawnattr_destroy(&attributes_);
    }
    SpawnPreparation(const SpawnPreparation&) = delete;
    SpawnPreparation& operator=(const SpawnPreparation&) = delete;

    // 0 where there is no such program.
    [[nodiscard]] pid_t spawn(char** argv) const {
        pid_t child = 0;
        return posix_spawnp(&child, argv[0], &files_, &attributes_, argv, environ) == 0 ? child : 0;
    }

  private:
    posix_spawn_file_actions_t files_{};
    posix_spawnattr_t attributes_{};
};

}  // namespace

bool run_command(std::vector<std::string> words) {
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    const pid_t child = SpawnPreparation().spawn(argv.data());
    if (child == 0) {
        return false;
    }
    const io::Fd ended(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
    pollfd wait{.fd = ended.get(), .events = POLLIN, .revents = 0};
    const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(kCommandPatience);
    if (!ended.valid() || poll(&wait, 1, static_cast<int>(patience.count())) != 1) {
        (void)kill(child, SIGKILL);
    }
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace phantom::io
