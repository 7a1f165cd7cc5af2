#include "cli/start.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/meshes.h"

namespace phantom::cli {

namespace {

// The daemon that was built with us, where there is one.
std::string daemon_program() {
    std::error_code bad;
    const auto ourselves = std::filesystem::read_symlink("/proc/self/exe", bad);
    const auto beside = ourselves.parent_path() / "phantomd";
    return !bad && access(beside.c_str(), X_OK) == 0 ? beside.string() : "phantomd";
}

[[noreturn]] void become_daemon(std::vector<std::string> words, int input) {
    (void)dup2(input, STDIN_FILENO);
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    execvp(argv[0], argv.data());
    std::perror(argv[0]);
    _exit(static_cast<int>(Exit::kFailed));
}

}  // namespace

Exit start_daemon(
    const Places& places, const std::vector<std::string>& arguments, const std::string& input
) {
    if (const std::string problem = make_parents(places); !problem.empty()) {
        std::fputs(("phantom: " + problem + "\n").c_str(), stderr);
        return Exit::kFailed;
    }
    std::vector<std::string> words{daemon_program(), "run",       "--background", "--state-dir",
                                   places.state_dir, "--run-dir", places.run_dir};
    if (!places.mesh.empty()) {
        words.emplace_back("--no-ipv4");
    }
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        std::perror("pipe");
        return Exit::kFailed;
    }
    const pid_t child = fork();
    if (child == 0) {
        become_daemon(std::move(words), ends[0]);
    }
    close(ends[0]);
    // A pipe holds 64 KiB, far more than a token.
    (void)!write(ends[1], input.data(), input.size());
    close(ends[1]);
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        std::perror("phantomd");
        return Exit::kFailed;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? Exit::kOk : Exit::kFailed;
}

}  // namespace phantom::cli
