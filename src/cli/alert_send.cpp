#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "alert/alert_json.h"
#include "alert/dispatcher.h"
#include "alert/message.h"
#include "cli/alert.h"
#include "cli/alert_config.h"
#include "cli/output.h"
#include "courier/outgoing.h"

namespace phantom::cli {

namespace {

constexpr std::size_t kInputPieceSize = 65'536;
constexpr Duration kLookAgain = std::chrono::seconds(1);  // the wall clock may be set

using Receivers = std::map<std::string, alert::Receiver, std::less<>>;

// Alerts from standard input, through the tree, to those who are told; until the input has ended and nothing waits.
class AlertStream {
  public:
    AlertStream(
        std::shared_ptr<const alert::Config> config, Receivers receivers,
        std::unique_ptr<courier::Outgoing> outgoing
    )
        : dispatcher_(std::move(config)),
          receivers_(std::move(receivers)),
          outgoing_(std::move(outgoing)) {}

    [[nodiscard]] Status run() {
        while (is_open_ || outgoing_->pending_count() > 0) {
            PM_TRY(wait_and_read());
            PM_TRY(put_due(wall_now()));
            PM_TRY(outgoing_->run_once(wall_now()));
        }
        return {};
    }

    [[nodiscard]] const courier::OutgoingCounters& counters() const {
        return outgoing_->counters();
    }
    [[nodiscard]] std::uint64_t refused_total() const { return refused_total_; }

  private:
    Status wait_and_read() {
        const WallTime next = std::min(dispatcher_.next_due(), outgoing_->next_due());
        const auto wait = std::clamp(Duration(next.ns - wall_now().ns), Duration(0), kLookAgain);
        std::array<::pollfd, 2> waiting{
            {{.fd = outgoing_->answers_fd(), .events = POLLIN, .revents = 0},
             {.fd = is_open_ ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0}}
        };
        const auto wait_ms = std::chrono::duration_cast<std::chrono::milliseconds>(wait).count();
        ::poll(waiting.data(), waiting.size(), static_cast<int>(wait_ms) + 1);
        if (waiting[1].revents != 0) {
            return read_some();
        }
        return {};
    }

    Status read_some() {
        std::array<char, kInputPieceSize> piece;
        const ::ssize_t size = ::read(STDIN_FILENO, piece.data(), piece.size());
        if (size <= 0) {
            is_open_ = false;
            take_line(rest_);
            dispatcher_.hurry(wall_now());
            return {};
        }
        rest_.append(piece.data(), static_cast<std::size_t>(size));
        std::size_t begin = 0;
        for (std::size_t end = rest_.find('\n'); end != std::string::npos;
             end = rest_.find('\n', begin)) {
            take_line(std::string_view(rest_).substr(begin, end - begin));
            begin = end + 1;
        }
        rest_.erase(0, begin);
        if (rest_.size() > alert::kAlertJsonSizeMax) {
            rest_.resize(alert::kAlertJsonSizeMax + 1);  // long enough to be refused
        }
        return {};
    }

    void take_line(std::string_view line) {
        if (line.empty()) {
            return;
        }
        const WallTime now = wall_now();
        const auto alert = alert::parse_alert(line, now);
        if (!alert) {
            ++refused_total_;
            say_alert_problem("an alert is refused: " + alert.error());
        } else if (const Status seen = dispatcher_.observe(*alert, now); !seen) {
            ++refused_total_;
            say_alert_problem("an alert is refused: " + seen.error().message());
        }
    }

    Status put_due(WallTime now) {
        for (const alert::Notification& each : dispatcher_.due(now)) {
            const auto receiver = receivers_.find(each.receiver);
            PM_TRY(outgoing_->put(alert::parcels_of(each, receiver->second), wall_now()));
        }
        return {};
    }

    alert::Dispatcher dispatcher_;
    Receivers receivers_;
    std::unique_ptr<courier::Outgoing> outgoing_;
    std::string rest_;  // of the last line
    bool is_open_ = true;
    std::uint64_t refused_total_ = 0;
};

int fail_to_send(const Error& error) {
    say_alert_problem(error.message());
    return static_cast<int>(Exit::kFailed);
}

void show_sent(const AlertStream& stream, bool as_json) {
    const courier::OutgoingCounters& counters = stream.counters();
    if (as_json) {
        print_json(
            {{"schema", "phantom.alert-send/1"},
             {"put", counters.put_total},
             {"known", counters.known_total},
             {"delivered", counters.delivered_total},
             {"retries", counters.retries_total},
             {"dead_letters", counters.dead_letters_total},
             {"refused", stream.refused_total()}}
        );
    } else {
        print(fmt::format(
            "{} delivered, {} of them known before; {} retries, {} given up, {} alerts refused\n",
            counters.delivered_total, counters.known_total, counters.retries_total,
            counters.dead_letters_total, stream.refused_total()
        ));
    }
}

}  // namespace

int send_alerts(const AlertArguments& arguments, bool as_json) {
    auto config = load_alert_config(arguments.file);
    if (!config) {
        return static_cast<int>(Exit::kFailed);
    }
    Receivers receivers = config->receivers;
    for (auto& [name, receiver] : receivers) {
        if (const Status read = resolve_secrets(receiver, read_secret_file); !read) {
            return fail_to_send(read.error());
        }
    }
    SystemRandom random;
    auto outgoing = courier::Outgoing::open(arguments.outbox, {}, random);
    if (!outgoing) {
        return fail_to_send(outgoing.error());
    }
    AlertStream stream(
        std::make_shared<const alert::Config>(std::move(*config)), std::move(receivers),
        std::move(*outgoing)
    );
    const Status done = stream.run();
    if (!done) {
        return fail_to_send(done.error());
    }
    show_sent(stream, as_json);
    const bool is_all_told =
        stream.counters().dead_letters_total == 0 && stream.refused_total() == 0;
    return static_cast<int>(is_all_told ? Exit::kOk : Exit::kFailed);
}

}  // namespace phantom::cli
