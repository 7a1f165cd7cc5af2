#pragma once

// The terminal of this process as a full screen: raw keys, the alternate screen, no cursor. All of it is put back when
// the object ends, and when the process is ended by a signal that can be seen, a failed assertion among them. There is
// one at a time. Thread: its owner's; its signals are blocked in the threads that are started while it lives.
//
// Source: termios(3), signalfd(2), console_codes(4).

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "terminal/canvas.h"
#include "terminal/keys.h"

namespace phantom::terminal {

class Screen final {
  public:
    struct Happened {
        std::vector<Key> keys;
        bool resized = false;
        bool ended = false;  // SIGTERM, SIGHUP, SIGINT, or nobody is at the terminal any more
        bool woken = false;  // `other` can be read
    };

    // A sentence where standard input and output are no terminal, or one that cannot do this.
    [[nodiscard]] static std::expected<std::unique_ptr<Screen>, std::string> open();
    ~Screen();
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    [[nodiscard]] static Size size();
    // Shows it: what differs from what was shown last.
    void show(const Canvas& canvas);
    // What is on the screen is not what was shown last.
    void forget() { shown_.reset(); }
    // For `timeout_ms` at most. `other`: a descriptor that may wake it, or -1.
    [[nodiscard]] Happened wait(int timeout_ms, int other);
    // Gives the terminal back, stops until somebody continues the process, and takes it again.
    void suspend();

  private:
    Screen(int signals, bool colour) : signals_(signals), colour_(colour) {}
    void read_keys(Happened& happened);
    void read_signals(Happened& happened);

    int signals_;
    bool colour_;
    KeyReader reader_;
    std::unique_ptr<Canvas> shown_;
};

}  // namespace phantom::terminal
