#include "terminal/screen.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/assert.h"
#include "terminal/painter.h"

namespace phantom::terminal {

namespace {

// The alternate screen, no cursor, no wrapping at the right edge.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l\x1b[?7l";
constexpr std::string_view kLeave = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";
// A lone ESC is the key when nothing follows it: longer than a slow line takes for the rest of a sequence.
constexpr int kEscapePatienceMs = 60;
constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT};
constexpr std::array kCrashes{SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};

// For the handler of crashes, which has no other way to it.
termios g_before;               // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
volatile sig_atomic_t g_taken;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void send(std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = write(STDOUT_FILENO, text.data(), text.size());
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (count <= 0) {
            return;
        }
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

// Async-signal-safe: write(2) and tcsetattr(3) alone.
void give_back() {
    if (g_taken == 0) {
        return;
    }
    g_taken = 0;
    send(kLeave);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &g_before);
}

void take() {
    termios raw = g_before;
    cfmakeraw(&raw);
    raw.c_oflag |= OPOST | ONLCR;  // a line of a crash's message begins at the left
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
    g_taken = 1;
    send(kEnter);
}

extern "C" void give_back_and_die(int number) {
    give_back();
    (void)raise(number);  // SA_RESETHAND: what it would have done
}

void watch_crashes() {
    struct sigaction action{};
    action.sa_handler = give_back_and_die;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
    for (const int number : kCrashes) {
        (void)sigaction(number, &action, nullptr);
    }
}

sigset_t watched_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : kSignals) {
        sigaddset(&set, number);
    }
    return set;
}

}  // namespace

std::expected<std::unique_ptr<Screen>, std::string> Screen::open() {
    PM_ASSERT(g_taken == 0);
    if (isatty(STDIN_FILENO) != 1 || isatty(STDOUT_FILENO) != 1) {
        return std::unexpected("this needs a terminal, and neither input nor output may be a pipe");
    }
    const char* kind = std::getenv("TERM");
    if (kind != nullptr && std::string_view(kind) == "dumb") {
        return std::unexpected("this terminal (TERM=dumb) cannot show a full screen");
    }
    if (tcgetattr(STDIN_FILENO, &g_before) != 0) {
        return std::unexpected(std::string("the terminal: ") + std::strerror(errno));
    }
    const sigset_t set = watched_signals();
    (void)pthread_sigmask(SIG_BLOCK, &set, nullptr);
    const int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0) {
        return std::unexpected(std::string("signalfd: ") + std::strerror(errno));
    }
    watch_crashes();
    const char* refused = std::getenv("NO_COLOR");
    take();
    return std::unique_ptr<Screen>(new Screen(
        signals, refused == nullptr || *refused == '\0'
    )  // NOLINT: a private constructor
    );
}

Screen::~Screen() {
    give_back();
    close(signals_);
    const sigset_t set = watched_signals();
    (void)pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

Size Screen::size() {
    winsize found{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &found) != 0 || found.ws_col == 0 || found.ws_row == 0) {
        return {};
    }
    return {.width = found.ws_col, .height = found.ws_row};
}

void Screen::show(const Canvas& canvas) {
    send(paint(shown_.get(), canvas, colour_));
    shown_ = std::make_unique<Canvas>(canvas);
}

Screen::Happened Screen::wait(int timeout_ms, int other) {
    Happened happened;
    std::array<pollfd, 3> watched{{
        {.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
        {.fd = signals_, .events = POLLIN, .revents = 0},
        {.fd = other, .events = POLLIN, .revents = 0},
    }};
    const bool escape_is_open = reader_.is_pending();
    const int patience = escape_is_open ? std::min(timeout_ms, kEscapePatienceMs) : timeout_ms;
    const int count = poll(watched.data(), watched.size(), patience);
    if (count == 0 && escape_is_open) {
        happened.keys = reader_.settle();
    }
    if ((watched[0].revents & POLLIN) != 0) {
        read_keys(happened);
    } else if ((watched[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
        happened.ended = true;
    }
    if ((watched[1].revents & POLLIN) != 0) {
        read_signals(happened);
    }
    happened.woken = (watched[2].revents & POLLIN) != 0;
    return happened;
}

void Screen::read_keys(Happened& happened) {
    std::array<char, 256> buffer{};
    const ssize_t count = read(STDIN_FILENO, buffer.data(), buffer.size());
    if (count == 0) {  // readable, and nothing to read: the other end is gone
        happened.ended = true;
    } else if (count > 0) {
        const auto keys = reader_.feed({buffer.data(), static_cast<std::size_t>(count)});
        happened.keys.insert(happened.keys.end(), keys.begin(), keys.end());
    }
}

void Screen::read_signals(Happened& happened) {
    signalfd_siginfo got{};
    while (read(signals_, &got, sizeof got) == static_cast<ssize_t>(sizeof got)) {
        switch (got.ssi_signo) {
            case SIGWINCH:
                happened.resized = true;
                break;
            case SIGTSTP:
                happened.keys.push_back({.kind = Key::Kind::kSuspend});
                break;
            case SIGCONT:
                forget();
                happened.resized = true;
                break;
            default:
                happened.ended = true;
        }
    }
}

void Screen::suspend() {
    give_back();
    (void)raise(SIGSTOP);
    take();
    forget();
}

}  // namespace phantom::terminal
