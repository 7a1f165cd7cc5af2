#include "evidence/program_output.h"

#include <array>
#include <csignal>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/fd.h"

namespace phantom::evidence {

namespace {

// 0 where there is no such program. Its output goes to `output`.
pid_t spawn_with_output(char** argv, int output) {
    posix_spawn_file_actions_t files{};
    posix_spawnattr_t attributes{};
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&files, STDIN_FILENO, STDERR_FILENO);
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    pid_t child = 0;
    const int failed = posix_spawnp(&child, argv[0], &files, &attributes, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    return failed == 0 ? child : 0;
}

// What is wrong; empty: it was read to its end.
std::string read_until(int fd, Instant end, std::size_t size_max, std::string& text) {
    std::array<char, 16'384> chunk{};
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(end - monotonic_now()).count();
        pollfd waits{.fd = fd, .events = POLLIN, .revents = 0};
        if (left <= 0 || poll(&waits, 1, static_cast<int>(left)) <= 0) {
            return "it took too long";
        }
        const ssize_t count = read(fd, chunk.data(), chunk.size());
        if (count <= 0) {
            return "";
        }
        text.append(chunk.data(), static_cast<std::size_t>(count));
        if (text.size() > size_max) {
            text.resize(size_max);
            return "cut";
        }
    }
}

}  // namespace

ProgramOutput output_of(std::vector<std::string> words, std::size_t size_max, Duration patience) {
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        return {.text = {}, .problem = "no pipe"};
    }
    const io::Fd reading(ends[0]);
    io::Fd writing(ends[1]);
    const pid_t child = spawn_with_output(argv.data(), writing.get());
    writing = io::Fd();
    if (child == 0) {
        return {.text = {}, .problem = "there is no program " + words.front()};
    }
    ProgramOutput output;
    output.problem = read_until(reading.get(), monotonic_now() + patience, size_max, output.text);
    if (!output.problem.empty()) {
        (void)kill(child, SIGKILL);
    }
    int status = 0;
    (void)waitpid(child, &status, 0);
    if (output.problem.empty() && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
        output.problem =
            fmt::format("it ended with {}", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    }
    return output;
}

}  // namespace phantom::evidence
