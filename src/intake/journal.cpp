#include "intake/journal.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace phantom::intake {

namespace {

std::vector<std::string> journal_words(const std::string& unit, const std::string& cursor) {
    std::vector<std::string> words{"journalctl", "--quiet", "--follow", "--output=json", "--all"};
    if (unit != "all") {
        words.push_back("--unit=" + unit);
    }
    // --no-tail: everything behind the cursor, also what was written while nobody read.
    if (cursor.empty()) {
        words.emplace_back("--lines=0");
    } else {
        words.insert(words.end(), {"--no-tail", "--after-cursor=" + cursor});
    }
    return words;
}

// 0 where there is no such program. Its output goes into `output`, everything else nowhere.
pid_t spawn_with_output(std::vector<std::string> words, int output) {
    posix_spawn_file_actions_t files{};
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&files, STDIN_FILENO, STDERR_FILENO);
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    posix_spawnattr_t attributes{};
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    pid_t child = 0;
    if (posix_spawnp(&child, argv[0], &files, &attributes, argv.data(), environ) != 0) {
        child = 0;
    }
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    return child;
}

}  // namespace

Journal::Journal(std::string unit, std::string cursor)
    : unit_(std::move(unit)), cursor_(std::move(cursor)) {}

Journal::~Journal() {
    end({});
}

void Journal::start(Instant now) {
    std::array<int, 2> ends{-1, -1};
    next_start_ = now + patience_;
    patience_ = std::min(2 * patience_, kJournalRetryMax);
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        trouble_ = fmt::format("journalctl: {}", std::strerror(errno));
        return;
    }
    output_.reset(ends[0]);
    const io::Fd writes(ends[1]);
    (void)fcntl(output_.get(), F_SETFL, O_NONBLOCK);
    child_ = spawn_with_output(journal_words(unit_, cursor_), writes.get());
    if (child_ == 0) {
        output_.reset();
        trouble_ = "journalctl cannot be started";
    }
}

void Journal::end(Instant now) {
    output_.reset();
    if (child_ == 0) {
        return;
    }
    (void)kill(child_, SIGKILL);
    int status = 0;
    (void)waitpid(child_, &status, 0);
    child_ = 0;
    if (!now.is_never()) {
        trouble_ = WIFEXITED(status) ? fmt::format("journalctl ended with {}", WEXITSTATUS(status))
                                     : "journalctl was killed";
    }
}

bool Journal::read(std::size_t size_max, Instant now, const LineCutter::Sink& sink) {
    if (child_ == 0 && now >= next_start_) {
        start(now);
    }
    if (child_ == 0) {
        return false;
    }
    std::vector<char> bytes(size_max);
    const ssize_t got = ::read(output_.get(), bytes.data(), bytes.size());
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        end(now);
        return false;
    }
    if (got < 0) {
        return false;
    }
    patience_ = kJournalRetryMin;
    trouble_.clear();
    cutter_.add({bytes.data(), static_cast<std::size_t>(got)}, [&](std::string_view line) {
        sink(line);
        keep_cursor(line);
    });
    return static_cast<std::size_t>(got) == size_max;
}

// {"__CURSOR":"s=...", ...}: it is written first, and has no escapes in it (systemd.journal-fields(7)).
void Journal::keep_cursor(std::string_view line) {
    constexpr std::string_view kKey = "\"__CURSOR\"";
    const std::size_t key = line.find(kKey);
    if (key == std::string_view::npos) {
        return;
    }
    const std::size_t begin = line.find('"', key + kKey.size());
    const std::size_t end = begin == std::string_view::npos ? begin : line.find('"', begin + 1);
    if (end != std::string_view::npos && end - begin <= kCursorSizeMax) {
        cursor_ = line.substr(begin + 1, end - begin - 1);
    }
}

}  // namespace phantom::intake
