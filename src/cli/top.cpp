#include "cli/top.h"

#include <chrono>
#include <cstdlib>
#include <ctime>

#include <fmt/format.h>

#include "base/clock.h"
#include "cli/output.h"
#include "cli/top_feed.h"
#include "terminal/screen.h"
#include "top/view.h"

namespace phantom::cli {

namespace {

using std::chrono::milliseconds;

constexpr int kRedrawMs = 1'000;  // so that ages go on where nothing else happens
constexpr int kColumnsOfText = 100;
constexpr int kLinesOfText = 40;

bool shows_unicode() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const char* value = std::getenv(name);
        if (value != nullptr && *value != '\0') {
            const std::string_view locale = value;
            return locale.find("UTF-8") != std::string_view::npos ||
                   locale.find("utf8") != std::string_view::npos;
        }
    }
    return false;
}

std::string clock_now() {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    (void)localtime_r(&now, &local);
    return fmt::format("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min, local.tm_sec);
}

top::Look look_of(terminal::Size size) {
    return {.size = size, .now = monotonic_now(), .clock = clock_now(), .unicode = shows_unicode()};
}

// False: the person wants to leave.
bool obey(terminal::Screen& screen, top::Model& model, const terminal::Key& key) {
    const top::Look look = look_of(terminal::Screen::size());
    switch (top::press(model, key, top::page_of(model, look))) {
        case top::Wish::kQuit:
            return false;
        case top::Wish::kSuspend:
            screen.suspend();
            return true;
        case top::Wish::kRedraw:
            screen.forget();
            return true;
        case top::Wish::kStay:
            return true;
    }
    return true;
}

void run(terminal::Screen& screen, TopFeed& feed) {
    top::Model model;
    for (;;) {
        screen.show(top::render(model, look_of(terminal::Screen::size())));
        const auto happened = screen.wait(kRedrawMs, feed.descriptor());
        if (happened.ended) {
            return;
        }
        if (happened.woken) {
            feed.take_into(model);
        }
        for (const terminal::Key& key : happened.keys) {
            if (!obey(screen, model, key)) {
                return;
            }
        }
    }
}

int print_once(const Places& places, bool as_json) {
    const Collected collected = collect(places, [] { return true; });
    if (collected.exit != Exit::kOk) {
        return fail_with({collected.exit, collected.problem, {}});
    }
    if (as_json) {
        print_json({
            {"schema", "phantom.top/1"},
            {"status", collected.answers.status},
            {"alerts", collected.answers.alerts},
            {"incidents", collected.answers.incidents},
            {"actions", collected.answers.actions},
            {"defence", collected.answers.defence},
            {"playbook_runs", collected.answers.playbook_status},
        });
        return 0;
    }
    top::Model model;
    top::take(model, top::read_snapshot(collected.answers), monotonic_now());
    print(top::render(model, look_of({.width = kColumnsOfText, .height = kLinesOfText})).text());
    return 0;
}

}  // namespace

int show_top(const Places& places, const TopArguments& given, bool as_json) {
    if (given.once || as_json) {
        return print_once(places, as_json);
    }
    // The first answer is waited for: that nobody runs is said on the terminal as it was.
    if (const Answer answer = ask(places, {{"verb", "version"}}); answer.exit != Exit::kOk) {
        return fail_with(answer);
    }
    auto screen = terminal::Screen::open();
    if (!screen) {
        return fail_with({Exit::kFailed, screen.error() + ". 'phantom top --once' prints one.", {}}
        );
    }
    TopFeed feed(places, milliseconds(static_cast<int>(given.interval_s * 1'000)));
    run(**screen, feed);
    return 0;
}

}  // namespace phantom::cli
